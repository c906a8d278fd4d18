import { onTestFinished, vi } from 'vitest'

import type {
  AgoraRtmChannel,
  AgoraRtmChannelDelegate,
  AgoraRtmDelegate,
  AgoraRtmKit as Kit,
} from '../../src/index.ts'
import type { browserSurroundings } from '../../src/rtm/browser-surroundings.ts'
import { makePage } from '../rtm/page.ts'
import { APP } from '../support/credentials.ts'
import { MemoryBrowser } from '../support/memory-browser.ts'
import { MemoryLogStore } from '../support/memory-log-store.ts'
import { memoryLogbook } from '../support/memory-logbook.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { MemoryNetwork } from '../support/memory-network.ts'
import { MemoryRealm } from '../support/memory-realm.ts'
import { pass } from '../support/pass-time.ts'

let next: ReturnType<typeof browserSurroundings> | undefined

vi.mock('../../src/rtm/browser-surroundings.ts', () => ({
  browserSurroundings: () => {
    if (!next) throw new Error('setup() makes the kits of a test')
    return next
  },
}))

const { AgoraPeerOnlineState, AgoraRtmKit, AgoraRtmMessage, AgoraRtmMessageType, AgoraRtmRawMessage } =
  await import('../../src/index.ts')

/** Kits that meet in memory, at a time that a test moves. All are destroyed at the end. */
export function setup() {
  const clock = new ManualClock()
  const realm = new MemoryRealm(clock)
  const network = new MemoryNetwork(clock)
  const logStore = new MemoryLogStore()
  const kits: Kit[] = []
  let sessionCount = 0

  function kit(userId: string) {
    const log: string[] = []
    const places = { clock, realm, network, nextSession: () => ++sessionCount }
    const logbook = memoryLogbook(clock, logStore)
    const page = makePage(userId, places, new MemoryBrowser(clock), { log: logbook.log })
    next = { ...page.surroundings, logbook }
    const describe = (message: unknown): string => {
      if (message instanceof AgoraRtmRawMessage) return `${message.rawData.join(' ')} (${message.text})`
      return message instanceof AgoraRtmMessage && message.type === AgoraRtmMessageType.Text
        ? message.text
        : 'not a message'
    }
    const delegate: AgoraRtmDelegate = {
      connectionStateChanged: (_, state, reason) => log.push(`state ${state} (${reason})`),
      messageReceived: (_, message, peerId) =>
        log.push(`${peerId}: ${message.isOfflineMessage ? '(offline) ' : ''}${describe(message)}`),
      PeersOnlineStatusChanged: (_, statuses) =>
        log.push(
          statuses.map(({ peerId, state }) => `${peerId} is ${AgoraPeerOnlineState[state]}`).join(', '),
        ),
    }
    const channelDelegate: AgoraRtmChannelDelegate = {
      memberJoined: (channel, member) => log.push(`${channel.channelId}: ${member.userId} joined`),
      memberLeft: (channel, member) => log.push(`${channel.channelId}: ${member.userId} left`),
      memberCount: (channel, count) => log.push(`${channel.channelId}: ${count} members`),
      messageReceived: (channel, message, member) =>
        log.push(`${channel.channelId}: ${member.userId}: ${describe(message)}`),
      attributeUpdate: (channel, attributes) => {
        const all = attributes.map(
          ({ key, value, lastUpdateUserId }) => `${key}=${value} of ${lastUpdateUserId}`,
        )
        log.push(`${channel.channelId}: attributes ${all.join(', ')}`)
      },
    }
    const made = AgoraRtmKit.initWithAppId(APP, delegate)
    if (!made) throw new Error('no kit was made')
    kits.push(made)
    return {
      kit: made,
      log,
      news: () => log.splice(0),
      channel(id: string): AgoraRtmChannel<Kit> {
        const channel = made.createChannelWithId(id, channelDelegate)
        if (!channel) throw new Error(`no channel ${id} was made`)
        return channel
      },
    }
  }

  const world = {
    clock,
    realm,
    network,
    logStore,
    kit,
    pass: (ms: number) => pass(clock, ms),
    /** A call's answer, after some time has passed. */
    async after<T>(ms: number, answer: Promise<T>): Promise<T> {
      await world.pass(ms)
      return answer
    },
    async loggedIn(userId: string) {
      const one = kit(userId)
      const code = await world.after(50, one.kit.loginByToken(null, userId))
      if (code !== 0) throw new Error(`${userId} could not log in: ${code}`)
      one.news()
      return one
    },
  }
  onTestFinished(async () => {
    for (const one of kits) one.destroy()
    await world.pass(31_000)
    if (clock.pending > 0) throw new Error(`${clock.pending} timers are left`)
  })
  return world
}
