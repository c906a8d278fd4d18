import {
  type AgoraRtmChannel,
  AgoraRtmKit,
  type AgoraRtmMessage,
  AgoraRtmMessageType,
  AgoraRtmRawMessage,
} from 'rtm-mesh'

import type { Contender } from './contender.ts'
import { framesIn, isSignal, loginFileHasCome } from './rtm-mesh.ts'

const APP_ID = 'rtm-mesh-bench-rtm-mesh-bench-01'

class Kit implements Contender {
  readonly acknowledges = true
  readonly framesIn = framesIn
  readonly isSignal = isSignal
  onPeer: Contender['onPeer']
  onMessage: Contender['onMessage']
  onShared: Contender['onShared']
  private me = ''
  private kit: AgoraRtmKit | undefined
  private readonly rooms = new Map<string, { channel: AgoraRtmChannel<AgoraRtmKit>; members: Set<string> }>()

  async prepare(options: { readonly me: string; readonly server: string }): Promise<void> {
    this.me = options.me
    AgoraRtmKit.setRtmServiceContext({ signaling: [options.server], iceServers: [] })
    const kit = AgoraRtmKit.initWithAppId(APP_ID, {
      messageReceived: (_, message, peerId) => this.hear(peerId, message, undefined),
    })
    kit?.setParameters('{"rateLimits":false}')
    this.kit = kit ?? undefined
    await loginFileHasCome()
  }

  async enter(room: string): Promise<void> {
    const { kit } = this
    if (!kit) throw new Error('There is no kit')
    refuse('loginByToken', await kit.loginByToken(null, this.me))
    await this.enterSecond(room)
  }

  async enterSecond(room: string): Promise<void> {
    const members = new Set<string>()
    const channel = this.kit?.createChannelWithId(room, {
      memberJoined: (_, { userId }) => {
        members.add(userId)
        this.onPeer?.()
      },
      memberLeft: (_, { userId }) => {
        members.delete(userId)
        this.onPeer?.()
      },
      messageReceived: (_, message, { userId }) => this.hear(userId, message, room),
      attributeUpdate: (_, attributes) => {
        for (const { key, value } of attributes) this.onShared?.(room, key, value)
      },
    })
    if (!channel) throw new Error(`${room} cannot be a channel`)
    this.rooms.set(room, { channel, members })
    refuse('joinWithCompletion', await channel.joinWithCompletion())
    const { members: present, errorCode } = await channel.getMembersWithCompletion()
    refuse('getMembersWithCompletion', errorCode)
    for (const { userId } of present ?? []) if (userId !== this.me) members.add(userId)
    this.onPeer?.()
  }

  peers(room: string): readonly string[] {
    return [...(this.rooms.get(room)?.members ?? [])]
  }

  async send(peer: string, data: Uint8Array): Promise<void> {
    refuse('sendMessage', await this.kit?.sendMessage(AgoraRtmRawMessage.initWithRawData(data), peer))
  }

  async broadcast(room: string, data: Uint8Array): Promise<void> {
    const message = AgoraRtmRawMessage.initWithRawData(data)
    refuse('sendMessage of the channel', await this.rooms.get(room)?.channel.sendMessage(message))
  }

  async setShared(room: string, key: string, value: string): Promise<void> {
    const options = { enableNotificationToChannelMembers: true }
    const code = await this.kit?.addOrUpdateChannelAttributes(room, [{ key, value }], options)
    refuse('addOrUpdateChannelAttributes', code)
  }

  async leave(): Promise<void> {
    await this.kit?.logoutWithCompletion()
    this.kit?.destroy()
    this.kit = undefined
  }

  private hear(from: string, message: AgoraRtmMessage, room: string | undefined): void {
    if (message.type !== AgoraRtmMessageType.Raw || !(message instanceof AgoraRtmRawMessage)) return
    this.onMessage?.(from, message.rawData, room)
  }
}

/** Every code but Ok fails the run. */
function refuse(what: string, code: number | undefined): void {
  if (code !== 0) throw new Error(`${what} answered ${code}`)
}

window.contender = new Kit()
