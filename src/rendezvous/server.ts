import { fromBase64Url, type Bytes } from '../base/bytes.ts'
import type { ChannelId, SessionId, UserId } from '../base/ids.ts'
import type { Peer } from '../protocol/peer.ts'
import type { CredentialMessage, LoginRefusal, ServerMessage } from '../protocol/server-messages.ts'
import { PROTOCOL_VERSION } from '../protocol/version.ts'
import { AnnouncedChannels } from './announced-channels.ts'
import { BackOff } from './back-off.ts'
import { Questions } from './questions.ts'
import type { RendezvousEvents, ServedRendezvous } from './rendezvous.ts'
import { UNAWAITED } from './requests.ts'
import {
  isForGood,
  isTokenFault,
  loginRequest,
  renewalDelayMs,
  renewalIn,
  welcomeIn,
} from './server-login.ts'
import type { Connection } from './server-connection.ts'
import { ServerMemory } from './server-memory.ts'
import { tellNews } from './server-news.ts'
import type { ServerRendezvousOptions } from './server-options.ts'
import { ServerSocket } from './server-socket.ts'
import { ServerToken, type TokenOutcome } from './server-token.ts'
import { SubscribedUsers } from './subscribed-users.ts'

/** A connection that has not led to a login after this long is given up for the next. */
const LOGIN_ATTEMPT_MS = 6_000
/** A server that has refused the token hardly takes it later: it is asked again at leisure, or with the next token. */
const TOKEN_RETRY_MS = 30_000
/** A connection that was begun before the network changed leads nowhere; one that is younger was begun after it. */
const STALE_ATTEMPT_MS = 1_000

/** The rendezvous at a signaling server: stays logged in until it is closed, refused or ended. */
export class ServerRendezvous implements ServedRendezvous {
  private connection: Connection = { at: 'closed' }
  private urlIndex = 0
  private credential: string | undefined
  private greeting: { nonce: Bytes; boot: string } | undefined
  private readonly memory: ServerMemory
  private readonly channels: AnnouncedChannels
  private readonly subscriptions = new SubscribedUsers()
  private readonly questions: Questions
  private readonly backOff: BackOff
  private readonly token: ServerToken

  constructor(
    private readonly options: ServerRendezvousOptions,
    private readonly events: RendezvousEvents,
  ) {
    this.memory = new ServerMemory(options.clock)
    this.channels = new AnnouncedChannels(options.clock)
    this.questions = new Questions(options.clock, (message) => this.send(message))
    this.backOff = new BackOff(options.clock, options.random)
    this.token = new ServerToken(options.announcement.token)
    this.connect()
  }

  get name(): string {
    return this.options.urls[this.urlIndex % this.options.urls.length] ?? ''
  }

  get isUp(): boolean {
    return this.connection.at === 'up'
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

  /** It may be asked for often: several reasons for it come together. */
  probe(): void {
    const { connection, backOff } = this
    const now = this.options.clock.now()
    if (connection.at === 'up') {
      connection.socket.probe({ type: 'find', request: UNAWAITED, userIds: [] })
      return
    }
    const isStale = connection.at === 'connecting' && now - connection.since > STALE_ATTEMPT_MS
    if (connection.at !== 'waiting' && !isStale) return
    const at = backOff.probe(connection.at === 'waiting' ? connection.until : now + 1)
    if (at === undefined) return
    this.settle()
    this.connectAfter(at - now)
    if (connection.at === 'connecting') connection.socket.close()
  }

  relay(to: SessionId, signal: string): boolean {
    if (!this.isUp) return false
    this.send({ type: 'signal', to, signal })
    return true
  }

  renewToken(token: string): Promise<TokenOutcome> {
    const answer = this.token.offer(token)
    const { at } = this.connection
    if (at === 'up') void this.askAboutToken()
    else if (at === 'waiting' || at === 'closed') {
      this.settle()
      this.connect()
    }
    return answer
  }

  pause(): void {
    if (this.connection.at === 'closed') return
    const wasUp = this.isUp
    this.goodbye()
    this.connection = { at: 'paused' }
    if (wasUp) this.events.down()
  }

  resume(): void {
    if (this.connection.at === 'paused') this.connect()
  }

  goodbye(): void {
    this.sayGoodbye()
    this.close()
  }

  private connect(): void {
    const { clock, log } = this.options
    this.greeting = undefined
    log('info', 'Connecting to a signaling server', { url: this.name })
    const events = {
      message: (from: ServerSocket, message: ServerMessage) =>
        this.isCurrent(from) && this.receive(from, message),
      closed: (from: ServerSocket, code: number, sentence: string) =>
        this.isCurrent(from) && this.lost(code, sentence),
    }
    const socket = new ServerSocket(this.name, clock, events, log)
    const cancel = clock.after(LOGIN_ATTEMPT_MS, () => socket.close())
    this.connection = { at: 'connecting', since: clock.now(), socket, cancel }
  }

  private connectAfter(delayMs: number): void {
    if (delayMs === 0) return this.connect()
    const { clock } = this.options
    const cancel = clock.after(delayMs, () => this.connect())
    this.connection = { at: 'waiting', until: clock.now() + delayMs, cancel }
  }

  private isCurrent(socket: ServerSocket): boolean {
    return 'socket' in this.connection && this.connection.socket === socket
  }

  private lost(code: number, sentence: string): void {
    const { isUp: wasUp, name: url } = this
    this.settle()
    if (!wasUp) this.urlIndex += 1
    // The next of several servers is tried at once; when none of them answered they all get a pause.
    const isRoundOver = this.urlIndex % this.options.urls.length === 0
    if (!wasUp && isRoundOver) this.backOff.failed()
    const backOffMs = wasUp || isRoundOver ? this.backOff.delayAfter(code) : 0
    const delayMs = this.token.isSpent ? TOKEN_RETRY_MS : backOffMs
    this.connectAfter(delayMs)
    this.options.log('warn', 'The connection to the signaling server is lost; trying again', {
      url,
      code,
      ...(sentence && { sentence }),
      delayMs: Math.round(delayMs),
    })
    if (wasUp) this.events.down()
  }

  /** Also when the login is not answered yet: the server may have let us in already. */
  private sayGoodbye(): void {
    if ('socket' in this.connection) this.connection.socket.send({ type: 'goodbye' })
  }

  private close(): void {
    const { connection } = this
    this.settle()
    this.connection = { at: 'closed' }
    if ('socket' in connection) connection.socket.close()
  }

  /** Ends what belongs to the state that is being left. */
  private settle(): void {
    const { connection } = this
    if (connection.at === 'waiting' || connection.at === 'connecting') connection.cancel()
    if (connection.at === 'up') connection.cancelRenewal()
    this.questions.giveUp()
    this.token.lost()
  }

  private send(message: Parameters<ServerSocket['send']>[0]): void {
    if (this.connection.at === 'up') this.connection.socket.send(message)
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
        this.close()
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
    this.close()
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
    if (this.isCurrent(socket)) socket.send(request)
  }

  private welcome(socket: ServerSocket, message: Extract<ServerMessage, { type: 'loggedIn' }>): void {
    if (this.connection.at !== 'connecting' || !this.greeting) return
    const { announcement, clock, log } = this.options
    this.memory.met(this.greeting.boot)
    this.backOff.succeeded()
    this.connection.cancel()
    this.connection = { at: 'up', socket, cancelRenewal: () => undefined }
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
    if (this.connection.at !== 'up' || delayMs === undefined) return
    this.connection.cancelRenewal()
    const cancelRenewal = this.options.clock.after(delayMs, () => socket.send({ type: 'renew' }))
    this.connection = { ...this.connection, cancelRenewal }
  }
}
