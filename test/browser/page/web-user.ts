import AgoraRTM, {
  type LocalInvitation,
  type RemoteInvitation,
  type RtmChannel,
  type RtmClient,
  type RtmMessage,
} from '../../../src/web.ts'

/** A client of the Web face with listeners that write everything down, in the words of `TestUser`. */
export class WebUser {
  readonly client: RtmClient
  /** Everything that happened, in order, in words. */
  readonly events: string[] = []
  readonly incoming: RemoteInvitation[] = []
  readonly outgoing: LocalInvitation[] = []
  private readonly channels = new Map<string, RtmChannel>()
  private readonly waiting = new Set<() => void>()

  constructor(appId: string, signalingUrl: string) {
    this.client = AgoraRTM.createInstance(appId, {
      signaling: [signalingUrl],
      iceServers: [],
      rateLimits: false,
    })
    this.client.on('ConnectionStateChanged', (state, reason) => this.note(`${state}/${reason}`))
    this.client.on('MessageFromPeer', (message, peerId) => this.note(`${peerId}: ${inWords(message)}`))
    this.client.on('RemoteInvitationReceived', (invitation) => {
      this.incoming.push(invitation)
      this.note(`${invitation.callerId} calls: ${invitation.content}, ${invitation.channelId}`)
      invitation.on('RemoteInvitationAccepted', () => this.note(`accepted ${invitation.callerId}`))
      invitation.on('RemoteInvitationCanceled', () => this.note(`${invitation.callerId} canceled`))
    })
  }

  channel(channelId: string): RtmChannel {
    const known = this.channels.get(channelId)
    if (known) return known
    const channel = this.client.createChannel(channelId)
    channel.on('MemberJoined', (memberId) => this.note(`#${channelId} +${memberId}`))
    channel.on('MemberLeft', (memberId) => this.note(`#${channelId} -${memberId}`))
    channel.on('ChannelMessage', (message, memberId) =>
      this.note(`#${channelId} ${memberId}: ${inWords(message)}`),
    )
    channel.on('AttributesUpdated', (attributes) => {
      const words = Object.entries(attributes).map(
        ([key, { value, lastUpdateUserId }]) => `${key}=${value} (${lastUpdateUserId})`,
      )
      this.note(`#${channelId} has ${words.sort().join(' ')}`)
    })
    this.channels.set(channelId, channel)
    return channel
  }

  invite(calleeId: string, content: string): void {
    const invitation = this.client.createLocalInvitation(calleeId)
    this.outgoing.push(invitation)
    invitation.content = content
    invitation.channelId = 'room 7'
    invitation.on('LocalInvitationReceivedByPeer', () => this.note(`${content}: received by peer`))
    invitation.on('LocalInvitationAccepted', (response) => this.note(`${content}: accepted, ${response}`))
    invitation.on('LocalInvitationRefused', (response) => this.note(`${content}: refused, ${response}`))
    invitation.send()
  }

  /** Resolves once `count` events match, with all that match. */
  async until(pattern: string, count = 1): Promise<string[]> {
    const matching = () => this.events.filter((event) => new RegExp(pattern).test(event))
    while (matching().length < count) await new Promise<void>((resolve) => this.waiting.add(resolve))
    return matching()
  }

  private note(event: string): void {
    this.events.push(event)
    const waiting = [...this.waiting]
    this.waiting.clear()
    for (const wake of waiting) wake()
  }
}

function inWords(message: RtmMessage): string {
  if (message.rawMessage === undefined) return message.text
  return `${message.description} [${message.rawMessage.join(' ')}]`
}
