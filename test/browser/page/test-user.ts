import {
  AgoraPeerOnlineState,
  type AgoraRtmChannel,
  type AgoraRtmChannelAttribute,
  AgoraRtmConnectionState,
  AgoraRtmConnectionChangeReason,
  AgoraRtmKit,
  AgoraRtmMessage,
  AgoraRtmRawMessage,
  AgoraRtmSendMessageOptions,
} from '../../../src/index.ts'

import { Diary } from './diary.ts'
import type { Person } from './person.ts'
import { TestInvitations } from './test-invitations.ts'

/** A kit with delegates that write everything down, driven by a test from outside of the page. */
export class TestUser implements Person {
  readonly kit: AgoraRtmKit
  private readonly diary = new Diary()
  private readonly channels = new Map<string, AgoraRtmChannel>()
  private invitations: TestInvitations | undefined

  constructor(appId: string, options: { rateLimits?: boolean } = {}) {
    const kit = AgoraRtmKit.initWithAppId(appId, {
      connectionStateChanged: (_, state, reason) =>
        this.note(`${AgoraRtmConnectionState[state]}/${AgoraRtmConnectionChangeReason[reason]}`),
      messageReceived: (_, message, peerId) => this.note(`${peerId}: ${inWords(message)}`),
      PeersOnlineStatusChanged: (_, statuses) => {
        for (const { peerId, state } of statuses) this.note(`${peerId} is ${AgoraPeerOnlineState[state]}`)
      },
      rtmKitTokenPrivilegeWillExpire: (of) => this.note(`${this.ofKit(of)}token will expire`),
      rtmKitTokenDidExpire: (of) => this.note(`${this.ofKit(of)}token did expire`),
    })
    if (!kit) throw new Error('The app id of the test is not well-formed')
    this.kit = kit
    if (options.rateLimits === false) kit.setParameters('{"rateLimits":false}')
  }

  /** Everything that happened, in order, in words: `bob: hello`, `bob: (offline) hello`, `#room bob: hello`, `#room +bob`, `bob is Online`. */
  get events(): string[] {
    return this.diary.events
  }

  /** When each of the events happened, by `performance.now()`. */
  get times(): number[] {
    return this.diary.times
  }

  login(userId: string): Promise<number> {
    return this.kit.loginByToken(null, userId)
  }

  /** Nothing where an event names the kit that it belongs to. */
  private ofKit(kit: AgoraRtmKit): string {
    return kit === this.kit ? '' : 'of another kit: '
  }

  /** From the first use on this user hears of calls. */
  get calls(): TestInvitations {
    return (this.invitations ??= new TestInvitations(this.kit, (event) => this.note(event)))
  }

  channel(channelId: string): AgoraRtmChannel {
    const known = this.channels.get(channelId)
    if (known) return known
    const channel = this.kit.createChannelWithId(channelId, {
      memberJoined: (_, member) => this.note(`#${channelId} +${member.userId}`),
      memberLeft: (_, member) => this.note(`#${channelId} -${member.userId}`),
      memberCount: (_, count) => this.note(`#${channelId} ${count} members`),
      messageReceived: (_, message, member) =>
        this.note(`#${channelId} ${member.userId}: ${inWords(message)}`),
      attributeUpdate: (_, attributes) => this.note(`#${channelId} has ${attributesInWords(attributes)}`),
    })
    if (!channel) throw new Error('The channel id of the test is not well-formed')
    this.channels.set(channelId, channel)
    return channel
  }

  join(channelId: string): Promise<number> {
    return this.channel(channelId).joinWithCompletion()
  }

  leave(channelId: string): Promise<number> {
    return this.channel(channelId).leaveWithCompletion()
  }

  say(channelId: string, text: string): Promise<number> {
    return this.channel(channelId).sendMessage(AgoraRtmMessage.initWithText(text))
  }

  tell(peerId: string, text: string): Promise<number> {
    return this.kit.sendMessage(AgoraRtmMessage.initWithText(text), peerId)
  }

  tellRaw(peerId: string, bytes: Uint8Array, description: string): Promise<number> {
    return this.kit.sendMessage(AgoraRtmRawMessage.initWithRawData(bytes, description), peerId)
  }

  /** Adds or updates attributes of a channel. */
  put(channelId: string, attributes: Record<string, string>, notify = false): Promise<number> {
    const list = Object.entries(attributes).map(([key, value]) => ({ key, value }))
    return this.kit.addOrUpdateChannelAttributes(channelId, list, {
      enableNotificationToChannelMembers: notify,
    })
  }

  /** The attributes of a channel in words, such as `topic=tea (alice)`. */
  async attributes(channelId: string): Promise<string> {
    const { attributes, errorCode } = await this.kit.getChannelAttributes(channelId)
    return attributes ? attributesInWords(attributes) : `error ${errorCode}`
  }

  describe(attributes: Record<string, string>): Promise<number> {
    const list = Object.entries(attributes).map(([key, value]) => ({ key, value }))
    return this.kit.setLocalUserAttributes(list)
  }

  async description(userId: string): Promise<Record<string, string>> {
    const { attributes } = await this.kit.getUserAttributes(userId)
    return Object.fromEntries((attributes ?? []).map(({ key, value }) => [key, value]))
  }

  /** The same, to be kept if the peer is offline. */
  keep(peerId: string, text: string): Promise<number> {
    const options = Object.assign(new AgoraRtmSendMessageOptions(), { enableOfflineMessaging: true })
    return this.kit.sendMessage(AgoraRtmMessage.initWithText(text), peerId, options)
  }

  subscribe(...peerIds: string[]): Promise<number> {
    return this.kit.subscribePeersOnlineStatus(peerIds)
  }

  async members(channelId: string): Promise<string[]> {
    const { members } = await this.channel(channelId).getMembersWithCompletion()
    return (members ?? []).map(({ userId }) => userId).sort()
  }

  /** Resolves once `count` events match, with all that match. */
  until(pattern: string, count = 1): Promise<string[]> {
    return this.diary.until(pattern, count)
  }

  /** Resolves once this user is linked directly to all of these. */
  async untilLinked(userIds: string[]): Promise<void> {
    const linked = async () => {
      const { peers } = await this.kit.diagnose()
      return peers.filter(({ path }) => path === 'direct').map(({ userId }) => userId)
    }
    const isLinkedToAll = (present: string[]) => userIds.every((userId) => present.includes(userId))
    while (!isLinkedToAll(await linked())) await new Promise(requestAnimationFrame)
  }

  private note(event: string): void {
    this.diary.note(event)
  }
}

function inWords(message: AgoraRtmMessage): string {
  const text = message.isOfflineMessage ? `(offline) ${message.text}` : message.text
  return message instanceof AgoraRtmRawMessage ? `${text} [${message.rawData.join(' ')}]` : text
}

function attributesInWords(attributes: readonly AgoraRtmChannelAttribute[]): string {
  const words = attributes.map(({ key, value, lastUpdateUserId }) => `${key}=${value} (${lastUpdateUserId})`)
  return words.sort().join(' ')
}
