import { fromBase64Url, type Bytes } from '../base/bytes.ts'
import type { Cancel } from '../base/clock.ts'
import type { ChannelId, SessionId, UserId } from '../base/ids.ts'
import type { Peer } from '../protocol/peer.ts'
import type { CredentialMessage, LoginRefusal, ServerMessage } from '../protocol/server-messages.ts'
import { PROTOCOL_VERSION } from '../protocol/version.ts'
import { AnnouncedChannels } from './announced-channels.ts'
import { Questions } from './questions.ts'
import type { RendezvousEvents, ServedRendezvous } from './rendezvous.ts'
import {
  isForGood,
  isTokenFault,
  loginRequest,
  renewalDelayMs,
  renewalIn,
  welcomeIn,
} from './server-login.ts'
import { ServerConnection } from './server-connection.ts'
import { ServerMemory } from './server-memory.ts'
import { tellNews } from './server-news.ts'
import type { ServerRendezvousOptions } from './server-options.ts'
import type { ServerSocket } from './server-socket.ts'
import { ServerToken, type TokenOutcome } from './server-token.ts'
import { SubscribedUsers } from './subscribed-users.ts'

/** A server that has refused the token hardly takes it later: it is asked again at leisure, or with the next token. */
const TOKEN_RETRY_MS = 30_000

/** The rendezvous at a signaling server: stays logged in until it is closed, refused or ended. */
export class ServerRendezvous implements ServedRendezvous {
  private readonly connection: ServerConnection
  /** Of this session, from whichever of the servers. */
  private credential: string | undefined
  /** What the server that is connected to has said first. */
  private greeting: { nonce: Bytes; boot: string } | undefined
  private cancelRenewal: Cancel = () => undefined
  private readonly memory: ServerMemory
  private readonly channels: AnnouncedChannels
  private readonly subscriptions = new SubscribedUsers()
  private readonly questions: Questions
  private readonly token: ServerToken

  constructor(
    private readonly options: ServerRendezvousOptions,
    private readonly events: RendezvousEvents,
  ) {
    this.memory = new ServerMemory(options.clock)
    this.channels = new AnnouncedChannels(options.clock)
    this.questions = new Questions(options.clock, (message) => this.send(message))
    this.token = new ServerToken(options.announcement.token)
    this.connection = new ServerConnection(options, {
      message: (from, message) => this.receive(from, message),
      left: () => this.left(),
      retryAfter: (delayMs) => (this.token.isSpent ? TOKEN_RETRY_MS : delayMs),
      down: () => events.down(),
    })
    this.connection.connect()
  }

  get name(): string {
    return this.connection.url
  }

  get isUp(): boolean {
    return this.connection.isUp
  }

  join(channelId: ChannelId, incarnation: number): void {
    this.send(this.channels.join(channelId, incarnation))
  }

  leave(channelId: ChannelId, incarnation: number): void {
    this.send(this.channels.leave(channelId, incarnation))
  }

  async find(userIds: readonly UserId[]): Promise<readonly Peer[] | undefined> {
    if (!this.isUp) return undefined
    const peers = await this.questions.find(userIds)
    return peers?.length === 0 && !this.memory.hasAll ? undefined : peers
  }

  visit(channelId: ChannelId): Promise<readonly Peer[] | undefined> {
    this.channels.visit(channelId)
    return this.isUp ? this.questions.visit(channelId) : Promise.resolve(undefined)
  }

  endVisit(channelId: ChannelId): void {
    this.send(this.channels.endVisit(channelId))
  }

  subscribe(userIds: readonly UserId[]): void {
    this.saySubscribed('subscribe', this.subscriptions.begin(userIds))
  }

  unsubscribe(userIds: readonly UserId[]): void {
    this.saySubscribed('unsubscribe', this.subscriptions.end(userIds))
  }

  count(channelIds: readonly ChannelId[]): Promise<readonly number[] | undefined> {
    return this.isUp ? this.questions.count(channelIds) : Promise.resolve(undefined)
  }

  probe(): void {
    this.connection.probe()
  }

  relay(to: SessionId, signal: string): boolean {
    if (!this.isUp) return false
    this.send({ type: 'signal', to, signal })
    return true
  }

  renewToken(token: string): Promise<TokenOutcome> {
    const answer = this.token.offer(token)
    if (this.isUp) void this.askAboutToken()
    else this.connection.connect()
    return answer
  }

  pause(): void {
    this.connection.pause()
  }

  resume(): void {
    this.connection.resume()
  }

  goodbye(): void {
    this.connection.goodbye()
  }

  /** What was asked over a connection is not answered over another one. */
  private left(): void {
    this.greeting = undefined
    this.cancelRenewal()
    this.questions.giveUp()
    this.token.lost()
  }

  private send(message: Parameters<ServerSocket['send']>[0]): void {
    this.connection.send(message)
  }

  private saySubscribed(type: 'subscribe' | 'unsubscribe', userIds: readonly UserId[]): void {
    if (userIds.length > 0) this.send({ type, userIds: [...userIds] })
  }

  private receive(socket: ServerSocket, message: ServerMessage): void {
    const { events } = this
    switch (message.type) {
      case 'hello':
        return void this.logIn(socket, message)
      case 'loggedIn':
        return this.welcome(socket, message)
      case 'refused':
        return this.refused(socket, message.reason, message.message)
      case 'ended':
        this.connection.close()
        if (message.notice !== undefined) events.notice(message.notice)
        return events.ended(message.reason, message.message)
      case 'credential':
        this.keepCredential(socket, message)
        return events.renewed(...renewalIn(message))
      case 'tokenRenewed':
        this.keepCredential(socket, message)
        events.renewed(...renewalIn(message))
        return this.questions.judged(message.request, 'ok')
      default:
        if (this.questions.answered(message)) return
        return tellNews(message, events, this.memory.mayRemove)
    }
  }

  /**
   * A first login takes no for an answer, but for a server that is full, and for a token that was renewed meanwhile. A
   * session that returns keeps trying, unless another login has taken its place, or an operator ended it.
   */
  private refused(socket: ServerSocket, reason: LoginRefusal, sentence: string): void {
    const isFirst = this.credential === undefined
    if (isTokenFault(reason)) this.token.shown(reason)
    const isOverToken = isTokenFault(reason) && !this.token.isSpent
    if (reason === 'overload' || isOverToken || !(isFirst || isForGood(reason))) {
      if (this.token.isSpent) this.events.tokenRefused()
      this.options.log('warn', 'The signaling server refused the return; trying again', { reason, sentence })
      return socket.close()
    }
    this.connection.close()
    this.events.refused(reason, sentence)
  }

  private async logIn(socket: ServerSocket, hello: Extract<ServerMessage, { type: 'hello' }>): Promise<void> {
    const nonce = fromBase64Url(hello.nonce)
    if (hello.version !== PROTOCOL_VERSION || !nonce) {
      const sentence = `The signaling server speaks protocol version ${hello.version}, this library ${PROTOCOL_VERSION}: update the older of the two`
      return this.refused(socket, 'unsupported-version', sentence)
    }
    this.greeting = { nonce, boot: hello.boot }
    const request = await loginRequest(this.options.announcement, this.token.show(), nonce, this.credential)
    if (this.connection.isCurrent(socket)) socket.send(request)
  }

  private welcome(socket: ServerSocket, message: Extract<ServerMessage, { type: 'loggedIn' }>): void {
    if (!this.greeting || !this.connection.loggedIn()) return
    const { announcement, clock, log } = this.options
    this.memory.met(this.greeting.boot)
    this.keepCredential(socket, message)
    log('info', 'A signaling server has taken this session', { url: this.name })
    this.events.up(welcomeIn(message, announcement, clock.now()))
    this.token.shown('ok')
    for (const announced of this.channels.afterReturn()) this.send(announced)
    this.saySubscribed('subscribe', this.subscriptions.all)
    void this.askAboutToken()
  }

  /** One that has no answer is shown at the next login. */
  private async askAboutToken(): Promise<void> {
    const offer = this.token.ask()
    if (!offer) return
    const answer = await this.questions.judge(offer.token)
    if (answer) this.token.judged(offer, answer)
    else this.token.unanswered(offer)
  }

  private keepCredential(socket: ServerSocket, given: CredentialMessage): void {
    this.credential = given.credential
    const delayMs = renewalDelayMs(given)
    if (!this.isUp || delayMs === undefined) return
    this.cancelRenewal()
    this.cancelRenewal = this.options.clock.after(delayMs, () => socket.send({ type: 'renew' }))
  }
}
