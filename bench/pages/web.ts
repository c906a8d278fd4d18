import AgoraRTM, { type RtmChannel, type RtmClient, type RtmMessage } from 'rtm-mesh/web'

import type { Contender } from './contender.ts'
import { framesIn, isSignal, loginFileHasCome } from './rtm-mesh.ts'

const APP_ID = 'rtm-mesh-bench-rtm-mesh-bench-02'

class Web implements Contender {
  readonly acknowledges = true
  readonly framesIn = framesIn
  readonly isSignal = isSignal
  onPeer: Contender['onPeer']
  onMessage: Contender['onMessage']
  onShared: Contender['onShared']
  private me = ''
  private client: RtmClient | undefined
  private readonly rooms = new Map<string, { channel: RtmChannel; members: Set<string> }>()

  async prepare(options: { readonly me: string; readonly server: string }): Promise<void> {
    this.me = options.me
    const client = AgoraRTM.createInstance(APP_ID, {
      signaling: [options.server],
      iceServers: [],
      rateLimits: false,
    })
    client.on('MessageFromPeer', (message, peerId) => this.hear(peerId, message, undefined))
    this.client = client
    await loginFileHasCome()
  }

  async enter(room: string): Promise<void> {
    await this.client?.login({ uid: this.me })
    await this.enterSecond(room)
  }

  async enterSecond(room: string): Promise<void> {
    const { client } = this
    if (!client) throw new Error('There is no client')
    const channel = client.createChannel(room)
    const members = new Set<string>()
    channel.on('MemberJoined', (userId) => {
      members.add(userId)
      this.onPeer?.()
    })
    channel.on('MemberLeft', (userId) => {
      members.delete(userId)
      this.onPeer?.()
    })
    channel.on('ChannelMessage', (message, userId) => this.hear(userId, message, room))
    channel.on('AttributesUpdated', (attributes) => {
      for (const [key, { value }] of Object.entries(attributes)) this.onShared?.(room, key, value)
    })
    this.rooms.set(room, { channel, members })
    await channel.join()
    for (const userId of await channel.getMembers()) if (userId !== this.me) members.add(userId)
    this.onPeer?.()
  }

  peers(room: string): readonly string[] {
    return [...(this.rooms.get(room)?.members ?? [])]
  }

  async send(peer: string, data: Uint8Array): Promise<void> {
    const answer = await this.client?.sendMessageToPeer({ rawMessage: data, description: '' }, peer)
    if (!answer?.hasPeerReceived) throw new Error(`${peer} has not received a message`)
  }

  async broadcast(room: string, data: Uint8Array): Promise<void> {
    await this.rooms.get(room)?.channel.sendMessage({ rawMessage: data, description: '' })
  }

  async setShared(room: string, key: string, value: string): Promise<void> {
    const options = { enableNotificationToChannelMembers: true }
    await this.client?.addOrUpdateChannelAttributes(room, { [key]: value }, options)
  }

  async leave(): Promise<void> {
    await this.client?.logout()
    this.client = undefined
  }

  private hear(from: string, { rawMessage }: RtmMessage, room: string | undefined): void {
    if (rawMessage) this.onMessage?.(from, rawMessage, room)
  }
}

window.contender = new Web()
