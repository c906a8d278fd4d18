import type { Cancel } from '../base/clock.ts'
import type { ServerMessage } from '../protocol/server-messages.ts'
import { BackOff } from './back-off.ts'
import { UNAWAITED } from './requests.ts'
import type { ServerRendezvousOptions } from './server-options.ts'
import { ServerSocket } from './server-socket.ts'

/** A connection that has not led to a login after this long is given up for the next. */
const LOGIN_ATTEMPT_MS = 6_000
/** A connection that was begun before the network changed leads nowhere; one that is younger was begun after it. */
const STALE_ATTEMPT_MS = 1_000

/**
 *     waiting <--> connecting --> up --> waiting
 *        paused and closed: from any of them, when the session says so
 */
type State =
  | { readonly at: 'waiting'; readonly until: number; readonly cancel: Cancel }
  | {
      readonly at: 'connecting'
      readonly since: number
      readonly socket: ServerSocket
      readonly cancel: Cancel
    }
  | { readonly at: 'up'; readonly socket: ServerSocket }
  | { readonly at: 'paused' }
  | { readonly at: 'closed' }

export interface ServerConnectionEvents {
  message(from: ServerSocket, message: ServerMessage): void
  /** Nothing more comes over the socket that there was, if there was one. */
  left(): void
  /** After how long it is tried again, where by itself it would be after `delayMs`. */
  retryAfter(delayMs: number): number
  /** It was up, and is not any more. */
  down(): void
}

/** The way to one of several servers: whenever it is lost another one is made, until it is paused or closed. */
export class ServerConnection {
  private state: State = { at: 'closed' }
  private urlIndex = 0
  private readonly backOff: BackOff

  constructor(
    private readonly options: Pick<ServerRendezvousOptions, 'urls' | 'clock' | 'random' | 'log'>,
    private readonly events: ServerConnectionEvents,
  ) {
    this.backOff = new BackOff(options.clock, options.random)
  }

  /** Of the server that is connected to, or is the next to be tried. */
  get url(): string {
    return this.options.urls[this.urlIndex % this.options.urls.length] ?? ''
  }

  /** Whether the server has let this session in. */
  get isUp(): boolean {
    return this.state.at === 'up'
  }

  isCurrent(socket: ServerSocket): boolean {
    return 'socket' in this.state && this.state.socket === socket
  }

  /** Now, where it waits or was closed. */
  connect(): void {
    const { at } = this.state
    if (at !== 'waiting' && at !== 'closed') return
    this.settle()
    this.open()
  }

  /** A server has let this session in. False if nobody asks for that any more. */
  loggedIn(): boolean {
    if (this.state.at !== 'connecting') return false
    this.backOff.succeeded()
    this.state.cancel()
    this.state = { at: 'up', socket: this.state.socket }
    return true
  }

  /** What can wait for the next login is not sent before there is one. */
  send(message: Parameters<ServerSocket['send']>[0]): void {
    if (this.state.at === 'up') this.state.socket.send(message)
  }

  /** It may be asked for often: several reasons for it come together. */
  probe(): void {
    const { state, backOff } = this
    const now = this.options.clock.now()
    if (state.at === 'up') {
      state.socket.probe({ type: 'find', request: UNAWAITED, userIds: [] })
      return
    }
    const isStale = state.at === 'connecting' && now - state.since > STALE_ATTEMPT_MS
    if (state.at !== 'waiting' && !isStale) return
    const at = backOff.probe(state.at === 'waiting' ? state.until : now + 1)
    if (at === undefined) return
    this.settle()
    this.openAfter(at - now)
    if (state.at === 'connecting') state.socket.close()
  }

  pause(): void {
    if (this.state.at === 'closed') return
    const wasUp = this.isUp
    this.goodbye()
    this.state = { at: 'paused' }
    if (wasUp) this.events.down()
  }

  resume(): void {
    if (this.state.at === 'paused') this.open()
  }

  /** Also when the login is not answered yet: the server may have let us in already. */
  goodbye(): void {
    if ('socket' in this.state) this.state.socket.send({ type: 'goodbye' })
    this.close()
  }

  close(): void {
    const { state } = this
    this.settle()
    this.state = { at: 'closed' }
    if ('socket' in state) state.socket.close()
  }

  private open(): void {
    const { clock, log } = this.options
    log('info', 'Connecting to a signaling server', { url: this.url })
    const events = {
      message: (from: ServerSocket, message: ServerMessage) =>
        this.isCurrent(from) && this.events.message(from, message),
      closed: (from: ServerSocket, code: number, sentence: string) =>
        this.isCurrent(from) && this.lost(code, sentence),
    }
    const socket = new ServerSocket(this.url, clock, events, log)
    const cancel = clock.after(LOGIN_ATTEMPT_MS, () => socket.close())
    this.state = { at: 'connecting', since: clock.now(), socket, cancel }
  }

  private openAfter(delayMs: number): void {
    if (delayMs === 0) return this.open()
    const { clock } = this.options
    const cancel = clock.after(delayMs, () => this.open())
    this.state = { at: 'waiting', until: clock.now() + delayMs, cancel }
  }

  private lost(code: number, sentence: string): void {
    const { isUp: wasUp, url } = this
    this.settle()
    if (!wasUp) this.urlIndex += 1
    // The next of several servers is tried at once; when none of them answered they all get a pause.
    const isRoundOver = this.urlIndex % this.options.urls.length === 0
    if (!wasUp && isRoundOver) this.backOff.failed()
    const delayMs = this.events.retryAfter(wasUp || isRoundOver ? this.backOff.delayAfter(code) : 0)
    this.openAfter(delayMs)
    this.options.log('warn', 'The connection to the signaling server is lost; trying again', {
      url,
      code,
      ...(sentence && { sentence }),
      delayMs: Math.round(delayMs),
    })
    if (wasUp) this.events.down()
  }

  /** Ends what belongs to the state that is being left. */
  private settle(): void {
    const { state } = this
    if (state.at === 'waiting' || state.at === 'connecting') state.cancel()
    this.events.left()
  }
}
