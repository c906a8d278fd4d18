import { fromBase64Url, toBase64Url, type Bytes } from '../base/bytes.ts'
import type { Cancel, Clock } from '../base/clock.ts'
import type { ChannelId, SessionId, UserId } from '../base/ids.ts'
import type { Log } from '../base/logger.ts'
import { loginSigningInput, openCredential } from '../protocol/credential.ts'
import type { Peer } from '../protocol/peer.ts'
import { closeCodes, type LoginRefusal, type ServerMessage } from '../protocol/server-messages.ts'
import { FEATURES, PROTOCOL_VERSION } from '../protocol/version.ts'
import { AnnouncedChannels } from './announced-channels.ts'
import { backOffMs, RESTART_SPREAD_MS } from './back-off.ts'
import type { Announcement, Rendezvous, RendezvousEvents } from './rendezvous.ts'
import { Requests } from './requests.ts'
import { ServerSocket } from './server-socket.ts'

export interface ServerRendezvousOptions {
  /** WebSocket URLs of one server or cluster; the next is tried when one fails. */
  readonly urls: readonly string[]
  readonly announcement: Announcement
  readonly clock: Clock
  readonly random: () => number
  readonly log: Log
}

/** A connection that has not led to a login after this long is given up for the next. */
const LOGIN_ATTEMPT_MS = 6_000
/** After a server forgot everybody its rosters fill up again; until then they remove nobody. */
const ROSTERS_FILL_MS = 30_000

type Connection =
  | { readonly at: 'waiting'; readonly cancel: Cancel }
  | { readonly at: 'connecting'; readonly socket: ServerSocket; readonly cancel: Cancel }
  | { readonly at: 'up'; readonly socket: ServerSocket; readonly cancelRenewal: Cancel }
  | { readonly at: 'paused' }
  | { readonly at: 'closed' }

/** The rendezvous at a signaling server: stays logged in until it is closed, refused or ended. */
export class ServerRendezvous implements Rendezvous {
  private connection: Connection = { at: 'closed' }
  private failures = 0
  private urlIndex = 0
  private credential: string | undefined
  private boot: string | undefined
  private greeting: { nonce: Bytes; boot: string } | undefined
  private mayRemoveFrom = 0
  private readonly channels: AnnouncedChannels
  private readonly finds: Requests
  private readonly visits: Requests

  constructor(
    private readonly options: ServerRendezvousOptions,
    private readonly events: RendezvousEvents,
  ) {
    this.channels = new AnnouncedChannels(options.clock)
    this.finds = new Requests(options.clock)
    this.visits = new Requests(options.clock)
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

  find(userIds: readonly UserId[]): Promise<readonly Peer[] | undefined> {
    if (!this.isUp) return Promise.resolve(undefined)
    return this.finds.ask((request) => this.send({ type: 'find', request, userIds: [...userIds] }))
  }

  visit(channelId: ChannelId): Promise<readonly Peer[] | undefined> {
    this.channels.visit(channelId)
    if (!this.isUp) return Promise.resolve(undefined)
    return this.visits.ask((request) => this.send({ type: 'visit', request, channelId }))
  }

  endVisit(channelId: ChannelId): void {
    this.send(this.channels.endVisit(channelId))
  }

  subscribe(): void {
    return
  }

  unsubscribe(): void {
    return
  }

  count(): Promise<readonly number[] | undefined> {
    return Promise.resolve(undefined)
  }

  probe(): void {
    return
  }

  relay(to: SessionId, signal: string): boolean {
    if (!this.isUp) return false
    this.send({ type: 'signal', to, signal })
    return true
  }

  pause(): void {
    const wasUp = this.isUp
    this.sayGoodbye()
    this.close()
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
    const events = {
      message: (from: ServerSocket, message: ServerMessage) =>
        this.isCurrent(from) && this.receive(from, message),
      closed: (from: ServerSocket, code: number) => this.isCurrent(from) && this.lost(code),
    }
    const socket = new ServerSocket(this.name, clock, events, log)
    const cancel = clock.after(LOGIN_ATTEMPT_MS, () => socket.close())
    this.connection = { at: 'connecting', socket, cancel }
  }

  private isCurrent(socket: ServerSocket): boolean {
    return 'socket' in this.connection && this.connection.socket === socket
  }

  private lost(code: number): void {
    const wasUp = this.isUp
    const url = this.name
    this.settle()
    if (!wasUp) {
      this.failures += 1
      this.urlIndex += 1
    }
    const { random, clock, log } = this.options
    const delayMs =
      code === closeCodes.restart ? random() * RESTART_SPREAD_MS : backOffMs(this.failures, random)
    this.connection = { at: 'waiting', cancel: clock.after(delayMs, () => this.connect()) }
    log('warn', 'The connection to the signaling server is lost; trying again', {
      url,
      code,
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
    this.finds.giveUp()
    this.visits.giveUp()
  }

  private send(message: Parameters<ServerSocket['send']>[0]): void {
    if (this.connection.at === 'up') this.connection.socket.send(message)
  }

  private receive(socket: ServerSocket, message: ServerMessage): void {
    const { events } = this
    switch (message.type) {
      case 'hello':
        return this.logIn(socket, message)
      case 'loggedIn':
        return this.welcome(socket, message)
      case 'refused':
        return this.refused(socket, message.reason, message.message)
      case 'ended':
        this.close()
        return events.ended(message.reason, message.message)
      case 'credential':
        this.keepCredential(socket, message.credential)
        return events.renewed(message.credential)
      case 'found':
        return this.finds.answer(message.request, message.peers)
      case 'visited':
        return this.visits.answer(message.request, message.holders)
      case 'roster': {
        const mayRemove = this.options.clock.now() >= this.mayRemoveFrom
        return events.roster(message.channelId, message.incarnation, message.members, mayRemove)
      }
      case 'joinRefused':
        return events.joinRefused(message.channelId, message.incarnation, message.message)
      case 'joined':
        return events.joined(message.channelId, message.member)
      case 'left':
        return events.left(message.channelId, message.member)
      case 'unreachable':
        return events.unreachable(message.peer, message.silentMs)
      case 'reachable':
        return events.reachable(message.peer)
      case 'gone':
        return events.gone(message.peer, message.why)
      case 'signal':
        return events.signal(message.from, message.signal, 'server')
      case 'undeliverable':
        return events.undeliverable(message.to)
      case 'ping':
        return
    }
  }

  /**
   * A first login takes no for an answer, but for a server that is full. A session that returns keeps trying,
   * unless another login has taken its place or it is banned.
   */
  private refused(socket: ServerSocket, reason: LoginRefusal, sentence: string): void {
    const isFinal = reason === 'remote-login' || reason === 'banned' || this.credential === undefined
    if (reason === 'overload' || !isFinal) {
      this.options.log('warn', 'The signaling server refused the return; trying again', { reason, sentence })
      return socket.close()
    }
    this.close()
    this.events.refused(reason, sentence)
  }

  private logIn(socket: ServerSocket, hello: Extract<ServerMessage, { type: 'hello' }>): void {
    const nonce = fromBase64Url(hello.nonce)
    if (hello.version !== PROTOCOL_VERSION || !nonce) {
      const sentence = `The signaling server speaks protocol version ${hello.version}, this library ${PROTOCOL_VERSION}: update the older of the two`
      return this.refused(socket, 'unsupported-version', sentence)
    }
    this.greeting = { nonce, boot: hello.boot }
    void this.proveAndLogIn(socket, nonce)
  }

  private async proveAndLogIn(socket: ServerSocket, nonce: Bytes): Promise<void> {
    const { appId, userId, token, fingerprint, signingKey, agreementKey } = this.options.announcement
    const proof = loginSigningInput({
      appId,
      userId,
      nonce,
      fingerprint,
      agreementKey: agreementKey.publicKey,
    })
    const signature = await signingKey.sign(proof)
    if (!this.isCurrent(socket)) return
    socket.send({
      type: 'login',
      version: PROTOCOL_VERSION,
      features: FEATURES,
      appId,
      userId,
      ...(token === null ? {} : { token }),
      fingerprint: toBase64Url(fingerprint),
      signingKey: toBase64Url(signingKey.publicKey),
      agreementKey: toBase64Url(agreementKey.publicKey),
      signature: toBase64Url(signature),
      ...(this.credential === undefined ? {} : { credential: this.credential }),
    })
  }

  private welcome(socket: ServerSocket, message: Extract<ServerMessage, { type: 'loggedIn' }>): void {
    if (this.connection.at !== 'connecting' || !this.greeting) return
    const { announcement, clock } = this.options
    const forgotEverybody = this.boot !== undefined && this.boot !== this.greeting.boot
    if (forgotEverybody) this.mayRemoveFrom = clock.now() + ROSTERS_FILL_MS
    this.boot = this.greeting.boot
    this.failures = 0
    this.connection.cancel()
    this.connection = { at: 'up', socket, cancelRenewal: () => undefined }
    this.keepCredential(socket, message.credential)
    this.events.up({
      me: {
        userId: announcement.userId,
        sessionId: announcement.sessionId,
        loginTime: message.loginTime,
      },
      credential: message.credential,
      serverKeys: message.serverKeys.map((key) => fromBase64Url(key)).filter((key) => key !== undefined),
      clockOffsetMs: message.time - clock.now(),
      iceServers: message.iceServers?.map(({ urls, username, credential }) => ({
        urls,
        ...(username === undefined ? {} : { username }),
        ...(credential === undefined ? {} : { credential }),
      })),
    })
    for (const announced of this.channels.afterReturn()) this.send(announced)
  }

  /** Credentials are renewed at half of their life. */
  private keepCredential(socket: ServerSocket, text: string): void {
    this.credential = text
    const credential = openCredential(text)?.credential
    if (this.connection.at !== 'up' || !credential) return
    this.connection.cancelRenewal()
    const halfLifeMs = Math.min((credential.expiresAt - credential.issuedAt) / 2, MAX_TIMER_MS)
    const cancelRenewal = this.options.clock.after(halfLifeMs, () => socket.send({ type: 'renew' }))
    this.connection = { ...this.connection, cancelRenewal }
  }
}

/** Browsers keep a timer's delay in 32 bits. */
const MAX_TIMER_MS = 2 ** 31 - 1
