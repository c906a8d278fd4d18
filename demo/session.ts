/** One person's visit: signs in, joins the channel, sends, and writes what happens into the model. */
import {
  AgoraRtmConnectionState as State,
  AgoraRtmGetMembersErrorCode,
  AgoraRtmJoinChannelErrorCode,
  AgoraRtmKit,
  AgoraRtmLoginErrorCode,
  AgoraRtmMessage,
  AgoraRtmRawMessage,
  AgoraRtmSendMessageOptions,
  type AgoraRtmChannel,
  type AgoraRtmChannelDelegate,
  type AgoraRtmConnectionChangeReason,
  type AgoraRtmDelegate,
} from 'rtm-mesh'
import { describe, understand } from './attachments.ts'
import { watchLinks } from './link-watch.ts'
import { peerConversation, peerOf } from './model.ts'
import type { ChatModel, Content, ConversationId, Message } from './model.ts'
import { standingsOf, watchPresence } from './presence-watch.ts'
import {
  channelDelivery,
  joinSentence,
  loginSentence,
  membersSentence,
  outSentence,
  peerDelivery,
  topicOutSentence,
} from './sentences.ts'
import { ChannelTopic } from './topic.ts'

/** Any 32 characters. Users of other app ids never meet these. */
const APP_ID = 'rtm-mesh-demo-rtm-mesh-demo-demo'

/** Who is away gets it later. */
const keepIfOffline = Object.assign(new AgoraRtmSendMessageOptions(), { enableOfflineMessaging: true })

/** Before the list of people is asked for again. The API allows five times in two seconds. */
const MEMBERS_AGAIN_MS = 2_000

/** Whatever arrives for a visit that has ended is ignored: it is no longer `this.visit`. */
interface Visit {
  readonly kit: AgoraRtmKit
  channel?: AgoraRtmChannel
  topic?: ChannelTopic
  stopWatching?: () => void
  stopWatchingPresence?: () => void
  membersTimer?: ReturnType<typeof setTimeout>
}

export class ChatSession {
  private visit: Visit | undefined

  constructor(
    private readonly model: ChatModel,
    private readonly isBeingRead: (conversation: ConversationId) => boolean,
  ) {}

  /** From the door into the channel. */
  async enter(name: string, channelId: string): Promise<void> {
    await this.end()
    this.model.begin(name, channelId)
    await this.signIn(false)
  }

  /** After having been signed out against our will: the same name and channel, keeping what was said. */
  async enterAgain(): Promise<void> {
    await this.end()
    this.model.setPeople([])
    await this.signIn(true)
  }

  async leave(problem?: string): Promise<void> {
    this.model.moveTo(problem === undefined ? { at: 'door' } : { at: 'door', problem })
    await this.end()
  }

  async switchChannel(channelId: string): Promise<void> {
    const visit = this.visit
    if (!visit?.channel || channelId === this.model.channel) return
    const old = visit.channel
    const oldId = this.model.channel
    delete visit.channel
    visit.topic?.close()
    delete visit.topic
    this.model.changeChannel(channelId)
    await old.leaveWithCompletion()
    visit.kit.destroyChannelWithId(oldId)
    if (this.visit === visit) await this.join(visit)
  }

  async send(conversation: ConversationId, content: Content): Promise<void> {
    const visit = this.visit
    const wasAlone = this.model.people.size === 0
    const id = this.model.say(conversation, content)
    const peer = peerOf(conversation)
    if (!visit?.channel) {
      this.model.setDelivery(conversation, id, {
        at: 'failed',
        sentence: 'Not delivered: you are not signed in.',
      })
      return
    }
    const message =
      content.kind === 'text'
        ? AgoraRtmMessage.initWithText(content.text)
        : AgoraRtmRawMessage.initWithRawData(content.bytes, describe(content.type, content.name))
    const delivery =
      peer === undefined
        ? channelDelivery(await visit.channel.sendMessage(message), wasAlone)
        : peerDelivery(await visit.kit.sendMessage(message, peer, keepIfOffline))
    this.model.setDelivery(conversation, id, delivery)
  }

  sendAgain(conversation: ConversationId, message: Message): Promise<void> {
    this.model.remove(conversation, message.id)
    return this.send(conversation, message.content)
  }

  /** The answer is a sentence when it did not work. */
  async changeTopic(text: string): Promise<string | undefined> {
    const topic = this.visit?.topic
    return topic && this.model.stage.at === 'inside' ? topic.change(text) : topicOutSentence
  }

  /** What this page and other tabs of it have logged in this browser. */
  async readLog(): Promise<string> {
    if (this.visit) return this.visit.kit.readLog()
    const reader = AgoraRtmKit.initWithAppId(APP_ID)
    const text = await reader?.readLog()
    reader?.destroy()
    return text ?? ''
  }

  private async signIn(again: boolean): Promise<void> {
    this.model.moveTo({ at: 'entering', again })
    const kit = AgoraRtmKit.initWithAppId(APP_ID, this.kitDelegate())
    if (!kit) return this.leave('This demo has a broken app id.')
    const visit: Visit = { kit }
    this.visit = visit
    const code = await kit.loginByToken(null, this.model.me)
    if (this.visit !== visit) return
    if (code !== AgoraRtmLoginErrorCode.Ok) return this.giveUp(again, loginSentence(code))
    await this.join(visit, again)
  }

  private async join(visit: Visit, again = false): Promise<void> {
    const name = this.model.channel
    const channel = visit.kit.createChannelWithId(name, this.channelDelegate())
    if (!channel) return this.giveUp(again, joinSentence(AgoraRtmJoinChannelErrorCode.InvalidArgument, name))
    visit.channel = channel
    const code = await channel.joinWithCompletion()
    if (this.visit !== visit || visit.channel !== channel) return
    if (code !== AgoraRtmJoinChannelErrorCode.Ok) return this.giveUp(again, joinSentence(code, name))
    this.model.moveTo({ at: 'inside', reconnecting: false })
    this.model.note('channel', again ? 'You are back.' : `You joined ${name}.`)
    visit.stopWatching?.()
    visit.stopWatching = watchLinks(visit.kit, this.model)
    // One for all channels of the visit: it ends the subscriptions to those who are no longer listed.
    visit.stopWatchingPresence ??= watchPresence(visit.kit, this.model)
    visit.topic = new ChannelTopic(visit.kit, name, this.model)
    void visit.topic.read()
    await this.readMembers(visit)
  }

  /** Back to the door; or, when there is a conversation on the screen, staying with it and saying why. */
  private async giveUp(again: boolean, sentence: string): Promise<void> {
    if (!again) return this.leave(sentence)
    this.model.moveTo({ at: 'out', word: 'Signed out', sentence })
    await this.end()
  }

  private async end(): Promise<void> {
    const visit = this.visit
    if (!visit) return
    this.visit = undefined
    clearTimeout(visit.membersTimer)
    visit.topic?.close()
    visit.stopWatching?.()
    visit.stopWatchingPresence?.()
    await visit.kit.logoutWithCompletion() // sends the goodbye; its only failure is not having been logged in
    visit.kit.destroy()
  }

  private async readMembers(visit: Visit): Promise<void> {
    const channel = visit.channel
    if (!channel) return
    const { members, errorCode } = await channel.getMembersWithCompletion()
    if (this.visit !== visit || visit.channel !== channel || this.model.stage.at !== 'inside') return
    if (errorCode !== AgoraRtmGetMembersErrorCode.Ok || !members) {
      this.model.note('channel', membersSentence(errorCode))
      this.readMembersSoon(visit)
      return
    }
    const others = members.map((member) => member.userId).filter((userId) => userId !== this.model.me)
    const known = [...this.model.people].filter((userId) => others.includes(userId))
    this.model.setPeople([...known, ...others])
  }

  private readMembersSoon(visit: Visit): void {
    clearTimeout(visit.membersTimer)
    visit.membersTimer = setTimeout(() => void this.readMembers(visit), MEMBERS_AGAIN_MS)
  }

  private kitDelegate(): AgoraRtmDelegate {
    return {
      connectionStateChanged: (kit, state, reason) => {
        if (this.visit?.kit === kit) this.stateChanged(this.visit, state, reason)
      },
      messageReceived: (kit, message, userId) => {
        if (this.visit?.kit === kit) this.hear(peerConversation(userId), userId, message)
      },
      PeersOnlineStatusChanged: (kit, statuses) => {
        if (this.visit?.kit === kit) this.model.setStandings(standingsOf(statuses))
      },
    }
  }

  private channelDelegate(): AgoraRtmChannelDelegate {
    const ifCurrent = (channel: AgoraRtmChannel, then: (visit: Visit) => void): void => {
      if (this.visit?.channel === channel) then(this.visit)
    }
    return {
      memberJoined: (channel, { userId }) =>
        ifCurrent(channel, (visit) => {
          this.joined(userId)
          visit.topic?.readSoon()
        }),
      memberLeft: (channel, { userId }) => ifCurrent(channel, () => this.left(userId)),
      memberCount: (channel, count) =>
        ifCurrent(channel, (visit) => {
          if (count !== this.model.people.size + 1) this.readMembersSoon(visit)
        }),
      messageReceived: (channel, message, { userId }) =>
        ifCurrent(channel, () => this.hear('channel', userId, message)),
      attributeUpdate: (channel, attributes) =>
        ifCurrent(channel, (visit) => visit.topic?.updated(attributes)),
    }
  }

  private stateChanged(visit: Visit, state: State, reason: AgoraRtmConnectionChangeReason): void {
    const { stage } = this.model
    if (state === State.Aborted || (state === State.Disconnected && stage.at === 'inside')) {
      const out = outSentence(reason, this.model.me)
      if (stage.at === 'entering' && !stage.again) void this.leave(out.sentence)
      else {
        this.model.setLinks(new Map(), [])
        this.model.moveTo({ at: 'out', ...out })
        void this.end()
      }
    } else if (stage.at === 'inside') {
      this.model.moveTo({ at: 'inside', reconnecting: state === State.Reconnecting })
      if (state !== State.Connected || !stage.reconnecting) return
      this.readMembersSoon(visit)
      visit.topic?.readSoon()
    }
  }

  private joined(userId: string): void {
    if (userId === this.model.me || this.model.people.has(userId)) return
    this.model.setPeople([...this.model.people, userId])
    this.tell(userId, `${userId} joined.`)
  }

  private left(userId: string): void {
    if (!this.model.people.has(userId)) return
    this.model.setPeople([...this.model.people].filter((other) => other !== userId))
    this.tell(userId, `${userId} left.`)
  }

  private tell(userId: string, text: string): void {
    this.model.note('channel', text)
    const own = peerConversation(userId)
    if (this.model.conversations.has(own)) this.model.note(own, text)
  }

  private hear(conversation: ConversationId, from: string, message: AgoraRtmMessage): void {
    const time = message.serverReceivedTs || Date.now()
    const heard = { from, time, content: contentOf(message), wasKept: message.isOfflineMessage }
    this.model.hear(conversation, heard, this.isBeingRead(conversation))
  }
}

function contentOf(message: AgoraRtmMessage): Content {
  if (!(message instanceof AgoraRtmRawMessage)) return { kind: 'text', text: message.text }
  return { kind: 'file', ...understand(message.text), bytes: new Uint8Array(message.rawData) }
}
