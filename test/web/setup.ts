import { onTestFinished, vi } from 'vitest'

import type { browserSurroundings } from '../../src/rtm/browser-surroundings.ts'
import type { RtmChannel, RtmClient, RtmConfig, RtmMessage } from '../../src/web.ts'
import { makePage } from '../rtm/page.ts'
import { APP } from '../support/credentials.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { MemoryBrowser } from '../support/memory-browser.ts'
import { MemoryLogStore } from '../support/memory-log-store.ts'
import { memoryLogbook } from '../support/memory-logbook.ts'
import { MemoryNetwork } from '../support/memory-network.ts'
import { MemoryRealm } from '../support/memory-realm.ts'
import { pass } from '../support/pass-time.ts'

let next: ReturnType<typeof browserSurroundings> | undefined

vi.mock('../../src/rtm/browser-surroundings.ts', () => ({
  browserSurroundings: () => {
    if (!next) throw new Error('setup() makes the clients of a test')
    return next
  },
}))

const { default: AgoraRTM } = await import('../../src/web.ts')

/**
 * Clients that meet in memory, at a time that a test moves. All are destroyed at the end. The file with their log and
 * the sentences of errors comes when `logFile` is settled.
 */
export function setup({ logFile }: { logFile?: Promise<void> } = {}) {
  const clock = new ManualClock()
  const realm = new MemoryRealm(clock)
  const network = new MemoryNetwork(clock)
  const logStore = new MemoryLogStore()
  const clients: RtmClient[] = []
  let sessionCount = 0

  function client(userId: string, config?: RtmConfig) {
    const log: string[] = []
    const places = { clock, realm, network, nextSession: () => ++sessionCount }
    const logbook = memoryLogbook(clock, logStore, logFile)
    const page = makePage(userId, places, new MemoryBrowser(clock), { log: logbook.log })
    const surroundings = { ...page.surroundings, logbook }
    next = surroundings
    const made = AgoraRTM.createInstance(APP, config)
    clients.push(made)
    made.on('ConnectionStateChanged', (state, reason) => log.push(`${state} (${reason})`))
    made.on('MessageFromPeer', (message, peerId) => log.push(`${peerId}: ${describe(message)}`))
    made.on('PeersOnlineStatusChanged', (status) => {
      const all = Object.entries(status).map(([peerId, state]) => `${peerId} is ${state}`)
      log.push(all.join(', '))
    })
    return {
      client: made,
      /** What its page loads, and when; a test may have it not come. */
      surroundings,
      environment: page.environment,
      log,
      news: () => log.splice(0),
      channel(id: string): RtmChannel {
        const channel = made.createChannel(id)
        channel.on('MemberJoined', (memberId) => log.push(`${id}: ${memberId} joined`))
        channel.on('MemberLeft', (memberId) => log.push(`${id}: ${memberId} left`))
        channel.on('MemberCountUpdated', (count) => log.push(`${id}: ${count} members`))
        channel.on('ChannelMessage', (message, memberId) =>
          log.push(`${id}: ${memberId}: ${describe(message)}`),
        )
        channel.on('AttributesUpdated', (attributes) => {
          const all = Object.entries(attributes).map(
            ([key, { value, lastUpdateUserId }]) => `${key}=${value} of ${lastUpdateUserId}`,
          )
          log.push(`${id}: attributes ${all.join(', ')}`)
        })
        return channel
      },
    }
  }

  const world = {
    clock,
    realm,
    network,
    logStore,
    client,
    pass: (ms: number) => pass(clock, ms),
    /** A call's answer, after some time has passed. */
    async after<T>(ms: number, answer: Promise<T>): Promise<T> {
      const [, value] = await Promise.all([world.pass(ms), answer])
      return value
    },
    /** How a call fails, after some time has passed: kind, code and sentence. */
    async failed(ms: number, answer: Promise<unknown>): Promise<string> {
      const error = answer.then(
        () => 'it has not failed',
        (reason: unknown) => (reason instanceof AgoraRTM.RtmError ? `${reason.name} ${reason.code}` : reason),
      )
      return String(await world.after(ms, error))
    },
    async loggedIn(userId: string, config?: RtmConfig) {
      const one = client(userId, config)
      await world.after(50, one.client.login({ uid: userId }))
      one.news()
      return one
    },
  }
  onTestFinished(async () => {
    for (const one of clients) one.destroy()
    await world.pass(31_000)
    if (clock.pending > 0) throw new Error(`${clock.pending} timers are left`)
  })
  return world
}

function describe(message: RtmMessage): string {
  if (message.rawMessage !== undefined) return `${message.rawMessage.join(' ')} (${message.description})`
  return message.text
}
