import AgoraRTM, { type RtmChannel, type RtmClient } from '../../../src/web.ts'

import { deepProxy } from './deep-proxy.ts'
import { Diary } from './diary.ts'
import { inWords } from './test-web-user.ts'

/** What programs have of the Web face, with a diary of what they hear. */
export class WebProgram {
  readonly rtm = AgoraRTM
  readonly deepProxy = deepProxy
  readonly client: RtmClient
  private readonly diary = new Diary()

  constructor(appId: string, signaling: string) {
    this.client = AgoraRTM.createInstance(appId, {
      signaling: [signaling],
      iceServers: [],
      rateLimits: false,
    })
    this.client.on('ConnectionStateChanged', (state, reason) => this.note(`${state}/${reason}`))
    this.client.on('MessageFromPeer', (message, peerId) => this.note(`${peerId}: ${inWords(message)}`))
    this.client.on('PeersOnlineStatusChanged', (status) => {
      for (const [peerId, state] of Object.entries(status)) this.note(`${peerId} is ${state}`)
    })
  }

  /** Everything that happened, in order, in words: `bob: hello`, `#room bob: hello`, `#room +bob`, `CONNECTED/LOGIN_SUCCESS`. */
  get heard(): string[] {
    return this.diary.events
  }

  /** When each of it happened, by `performance.now()`. */
  get times(): number[] {
    return this.diary.times
  }

  /** A new channel object whose events are written down. */
  channel(id: string): RtmChannel {
    const channel = this.client.createChannel(id)
    channel.on('MemberJoined', (memberId) => this.note(`#${id} +${memberId}`))
    channel.on('MemberLeft', (memberId) => this.note(`#${id} -${memberId}`))
    channel.on('MemberCountUpdated', (count) => this.note(`#${id} ${count} members`))
    channel.on('ChannelMessage', (message, memberId) => this.note(`#${id} ${memberId}: ${inWords(message)}`))
    return channel
  }

  note(event: string): void {
    this.diary.note(event)
  }

  /** Resolves once `count` of what was heard match, with all that match. */
  until(pattern: string, count = 1): Promise<string[]> {
    return this.diary.until(pattern, count)
  }
}
