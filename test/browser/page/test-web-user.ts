import type AgoraRTM from '../../../src/web.ts'
import type {
  ChannelAttributes,
  LocalInvitation,
  RemoteInvitation,
  RtmChannel,
  RtmClient,
  RtmMessage,
} from '../../../src/web.ts'
import { Diary } from './diary.ts'
import type { Caller, Person } from './person.ts'

/** The Web face, as a module has it or a script tag. */
type WebFace = typeof AgoraRTM

/** A client of the Web face, driven by a test from outside of the page. What happens is noted in the words of `TestUser`. */
export class TestWebUser implements Person {
  readonly client: RtmClient
  private readonly diary = new Diary()
  private readonly channels = new Map<string, RtmChannel>()
  private invitations: WebInvitations | undefined

  constructor(
    private readonly rtm: WebFace,
    appId: string,
    signaling: string[],
  ) {
    this.client = rtm.createInstance(appId, { signaling, iceServers: [], rateLimits: false })
    this.client.on('ConnectionStateChanged', (state, reason) => this.diary.note(`${state}/${reason}`))
    this.client.on('MessageFromPeer', (message, peerId, { isOfflineMessage }) =>
      this.diary.note(`${peerId}: ${isOfflineMessage ? '(offline) ' : ''}${inWords(message)}`),
    )
    this.client.on('PeersOnlineStatusChanged', (statuses) => {
      for (const [peerId, state] of Object.entries(statuses)) this.diary.note(`${peerId} is ${state}`)
    })
  }

  get events(): string[] {
    return this.diary.events
  }

  get calls(): Caller {
    return (this.invitations ??= new WebInvitations(this.rtm, this.client, (event) => this.diary.note(event)))
  }

  login(uid: string): Promise<number> {
    return codeOf(this.rtm, this.client.login({ uid }))
  }

  join(channelId: string): Promise<number> {
    return codeOf(this.rtm, this.channel(channelId).join())
  }

  async members(channelId: string): Promise<string[]> {
    return (await this.channel(channelId).getMembers()).sort()
  }

  say(channelId: string, text: string): Promise<number> {
    return codeOf(this.rtm, this.channel(channelId).sendMessage({ text }))
  }

  tell(peerId: string, text: string): Promise<number> {
    return codeOf(this.rtm, this.client.sendMessageToPeer({ text }, peerId))
  }

  tellRaw(peerId: string, rawMessage: Uint8Array, description: string): Promise<number> {
    return codeOf(this.rtm, this.client.sendMessageToPeer({ rawMessage, description }, peerId))
  }

  put(channelId: string, attributes: Record<string, string>, notify = false): Promise<number> {
    const options = { enableNotificationToChannelMembers: notify }
    return codeOf(this.rtm, this.client.addOrUpdateChannelAttributes(channelId, attributes, options))
  }

  async attributes(channelId: string): Promise<string> {
    return attributesInWords(await this.client.getChannelAttributes(channelId))
  }

  describe(attributes: Record<string, string>): Promise<number> {
    return codeOf(this.rtm, this.client.setLocalUserAttributes(attributes))
  }

  async description(userId: string): Promise<Record<string, string>> {
    return { ...(await this.client.getUserAttributes(userId)) }
  }

  until(pattern: string, count = 1): Promise<string[]> {
    return this.diary.until(pattern, count)
  }

  async untilLinked(userIds: string[]): Promise<void> {
    const linked = async () => {
      const { peers } = await this.client.diagnose()
      return peers.filter(({ path }) => path === 'direct').map(({ userId }) => userId)
    }
    const isLinkedToAll = (present: string[]) => userIds.every((userId) => present.includes(userId))
    while (!isLinkedToAll(await linked())) await new Promise(requestAnimationFrame)
  }

  channel(channelId: string): RtmChannel {
    const known = this.channels.get(channelId)
    if (known) return known
    const channel = this.client.createChannel(channelId)
    const note = (event: string): void => this.diary.note(`#${channelId} ${event}`)
    channel.on('MemberJoined', (userId) => note(`+${userId}`))
    channel.on('MemberLeft', (userId) => note(`-${userId}`))
    channel.on('MemberCountUpdated', (count) => note(`${count} members`))
    channel.on('ChannelMessage', (message, userId) => note(`${userId}: ${inWords(message)}`))
    channel.on('AttributesUpdated', (attributes) => note(`has ${attributesInWords(attributes)}`))
    this.channels.set(channelId, channel)
    return channel
  }
}

class WebInvitations implements Caller {
  private readonly outgoing = new Map<string, LocalInvitation>()
  private readonly incoming = new Map<string, RemoteInvitation>()

  constructor(
    private readonly rtm: WebFace,
    private readonly client: RtmClient,
    private readonly note: (event: string) => void,
  ) {
    client.on('RemoteInvitationReceived', (invitation) => {
      const { callerId, content, channelId } = invitation
      this.incoming.set(content, invitation)
      note(`${callerId} calls: ${content}, ${channelId}`)
      invitation.on('RemoteInvitationAccepted', () => note(`accepted ${callerId}: ${content}`))
      invitation.on('RemoteInvitationRefused', () => note(`refused ${callerId}: ${content}`))
      invitation.on('RemoteInvitationCanceled', () => note(`${callerId} canceled: ${content}`))
      invitation.on('RemoteInvitationFailure', (why) => note(`failed with ${callerId}: ${content}, ${why}`))
    })
  }

  invite(calleeId: string, content: string): Promise<number> {
    const { note } = this
    const invitation = this.client.createLocalInvitation(calleeId)
    invitation.content = content
    invitation.channelId = 'room 7'
    this.outgoing.set(content, invitation)
    invitation.on('LocalInvitationReceivedByPeer', () => note(`${content}: received by peer`))
    invitation.on('LocalInvitationAccepted', (response) => note(`${content}: accepted, ${response}`))
    invitation.on('LocalInvitationRefused', (response) => note(`${content}: refused, ${response}`))
    invitation.on('LocalInvitationCanceled', () => note(`${content}: canceled`))
    invitation.on('LocalInvitationFailure', (why) => note(`${content}: failed, ${why}`))
    return codeOf(this.rtm, () => invitation.send())
  }

  async cancel(content: string): Promise<number> {
    const invitation = this.outgoing.get(content)
    return invitation ? codeOf(this.rtm, () => invitation.cancel()) : -1
  }

  accept(content: string, response: string): Promise<number> {
    return this.answer(content, response, (invitation) => invitation.accept())
  }

  refuse(content: string, response: string): Promise<number> {
    return this.answer(content, response, (invitation) => invitation.refuse())
  }

  private answer(
    content: string,
    response: string,
    how: (invitation: RemoteInvitation) => void,
  ): Promise<number> {
    const invitation = this.incoming.get(content)
    if (!invitation) return Promise.resolve(-1)
    invitation.response = response
    return codeOf(this.rtm, () => how(invitation))
  }
}

/** 0, or the code of the error. */
async function codeOf({ RtmError }: WebFace, call: Promise<unknown> | (() => void)): Promise<number> {
  try {
    await (typeof call === 'function' ? call() : call)
    return 0
  } catch (error) {
    if (error instanceof RtmError) return error.code
    throw error
  }
}

export function inWords(message: RtmMessage): string {
  if (message.rawMessage === undefined) return message.text
  return `${message.description} [${message.rawMessage.join(' ')}]`
}

function attributesInWords(attributes: ChannelAttributes): string {
  const words = Object.entries(attributes).map(
    ([key, { value, lastUpdateUserId }]) => `${key}=${value} (${lastUpdateUserId})`,
  )
  return words.sort().join(' ')
}
