/** The channel's topic: an attribute of the channel, which everybody in it reads and may change. */
import {
  type AgoraRtmChannelAttribute,
  AgoraRtmChannelAttributeOptions,
  type AgoraRtmKit,
  AgoraRtmProcessAttributeErrorCode as Code,
} from 'rtm-mesh'
import type { ChatModel, Topic } from './model.ts'
import { topicReadSentence, topicWriteSentence } from './sentences.ts'

const KEY = 'topic'
/** Longer ones would push the conversation off a small screen. The API allows 8 KB. */
export const LONGEST_TOPIC = 200
const LONGEST_QUOTED = 80
/** Before it is read again. The API allows ten times in five seconds. */
const READ_AGAIN_MS = 2_000

export class ChannelTopic {
  private timer: ReturnType<typeof setTimeout> | undefined
  private readonly since = Date.now()
  private isRemoving = false
  /** The last answer was none; this is said once. */
  private isTrying = false
  private isClosed = false

  constructor(
    private readonly kit: AgoraRtmKit,
    private readonly channelId: string,
    private readonly model: ChatModel,
  ) {}

  async read(): Promise<void> {
    const wasTrying = this.isTrying
    const { attributes, errorCode } = await this.kit.getChannelAttributesByKeys(this.channelId, [KEY])
    if (this.isClosed) return
    this.isTrying = errorCode !== Code.Ok
    // What is read late may have changed while we were here; what is older is no news.
    if (errorCode === Code.Ok && attributes) return this.show(attributes, ({ time }) => time > this.since)
    if (!wasTrying) this.model.note('channel', topicReadSentence(errorCode))
    this.readSoon()
  }

  /** Somebody came, or the server came back, and may have brought another topic. */
  readSoon(): void {
    if (!this.isClosed) this.timer ??= setTimeout(() => this.readNow(), READ_AGAIN_MS)
  }

  /** All attributes of the channel, as they are now. */
  updated(attributes: readonly AgoraRtmChannelAttribute[]): void {
    this.show(attributes, () => true)
  }

  /** An empty text deletes the topic. The answer is a sentence when it did not work. */
  async change(text: string): Promise<string | undefined> {
    const options = Object.assign(new AgoraRtmChannelAttributeOptions(), {
      enableNotificationToChannelMembers: true,
    })
    this.isRemoving = text === ''
    const code = this.isRemoving
      ? await this.kit.deleteChannelAttributesByKeys(this.channelId, [KEY], options)
      : await this.kit.addOrUpdateChannelAttributes(this.channelId, [{ key: KEY, value: text }], options)
    if (code !== Code.Ok) this.isRemoving = false
    return code === Code.Ok ? undefined : topicWriteSentence(code)
  }

  close(): void {
    this.isClosed = true
    clearTimeout(this.timer)
  }

  private readNow(): void {
    this.timer = undefined
    void this.read()
  }

  private show(attributes: readonly AgoraRtmChannelAttribute[], isNews: (topic: Topic) => boolean): void {
    const found = attributes.find(({ key }) => key === KEY)
    const topic = found && { text: found.value, by: found.lastUpdateUserId, time: found.lastUpdateTs }
    const old = this.model.topic
    if (topic?.text === old?.text && topic?.by === old?.by && topic?.time === old?.time) return
    this.model.setTopic(topic, !topic || isNews(topic) ? this.changeInWords(topic) : undefined)
    this.isRemoving = false
  }

  /** A deletion leaves nothing behind that says whose it was. */
  private changeInWords(topic: Topic | undefined): string {
    if (!topic) return this.isRemoving ? 'You removed the topic.' : 'The topic was removed.'
    const { text, by } = topic
    const quoted = text.length > LONGEST_QUOTED ? `${text.slice(0, LONGEST_QUOTED)}…` : text
    return `${by === this.model.me ? 'You' : by} changed the topic to “${quoted}”.`
  }
}

/** What was meant: one line without space around it. */
export const tidyTopic = (text: string): string => text.replace(/[\s\p{Cc}]+/gu, ' ').trim()

/** Why this cannot be a topic, in a sentence. */
export function topicProblem(text: string): string | undefined {
  return text.length > LONGEST_TOPIC
    ? `A topic has at most ${LONGEST_TOPIC} characters; this one has ${text.length}.`
    : undefined
}
