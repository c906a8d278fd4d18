import { type Cancel, type Clock, every } from '../base/clock.ts'
import { describeError, type Log } from '../base/logger.ts'
import { SleepWatch } from '../base/sleep-watch.ts'
import type { ClientMessage } from '../protocol/client-messages.ts'
import {
  closeCodes,
  decodeServerMessage,
  SERVER_PING_PERIOD_MS,
  type ServerMessage,
} from '../protocol/server-messages.ts'

export interface ServerSocketEvents {
  message(socket: ServerSocket, message: ServerMessage): void
  /** Once, whoever closed it and whether or not it ever opened; with the server's reason, if it gave one. */
  closed(socket: ServerSocket, code: number, sentence: string): void
}

/** Two of the server's pings missed, and a little: the connection is dead, whatever TCP says. */
const SILENCE_LIMIT_MS = 2 * SERVER_PING_PERIOD_MS + 2_000
const SILENCE_CHECK_MS = 1_000
/** A connection that stands brings an answer sooner; who waits for a message needs to know soon that it does not. */
const PROBE_ANSWER_MS = 2_000
/** Larger than any message of the server's that a channel of 10,000 members can cause. */
const MAX_MESSAGE_CHARS = 4 * 1024 * 1024

/** How `closed` tells of a probe without an answer; never said over the wire. */
export const PROBE_UNANSWERED = 4900

/** One WebSocket to a signaling server: decodes, answers pings, notices when it died without a word. */
export class ServerSocket {
  private readonly webSocket: WebSocket | undefined
  private readonly stopWatching: () => void
  private lastHeard: number
  private readonly sleep: SleepWatch
  private isClosed = false
  private cancelProbe: Cancel | undefined

  constructor(
    readonly url: string,
    private readonly clock: Clock,
    private readonly events: ServerSocketEvents,
    log: Log,
  ) {
    this.lastHeard = clock.now()
    this.sleep = new SleepWatch(clock, SILENCE_CHECK_MS)
    this.stopWatching = every(clock, SILENCE_CHECK_MS, () => this.checkSilence())
    this.webSocket = openWebSocket(url, log)
    if (!this.webSocket) {
      clock.after(0, () => this.finish(NEVER_OPENED))
      return
    }
    this.webSocket.onmessage = (event: MessageEvent<unknown>) => this.receive(event.data)
    this.webSocket.onclose = (event) => this.finish(event.code, event.reason)
  }

  send(message: ClientMessage): void {
    if (this.webSocket?.readyState === WebSocket.OPEN) this.webSocket.send(JSON.stringify(message))
  }

  /** Asks what must be answered: if nothing at all comes within 2 s, the connection is dead. */
  probe(question: ClientMessage): void {
    if (this.cancelProbe || this.isClosed) return
    const { clock } = this
    const sleep = new SleepWatch(clock, PROBE_ANSWER_MS)
    this.send(question)
    this.cancelProbe = clock.after(PROBE_ANSWER_MS, () => {
      this.cancelProbe = undefined
      // This page slept, and what came meanwhile waits to be read.
      if (sleep.hasSlept) return this.probe(question)
      this.webSocket?.close()
      this.finish(PROBE_UNANSWERED)
    })
  }

  close(): void {
    this.webSocket?.close(1000)
    this.finish(1000)
  }

  private receive(data: unknown): void {
    if (this.isClosed) return
    this.lastHeard = this.clock.now()
    this.endProbe()
    const message =
      typeof data === 'string' && data.length <= MAX_MESSAGE_CHARS ? decodeServerMessage(data) : undefined
    // A message of a kind that a newer server sends is not for this version.
    if (!message) return
    if (message.type === 'ping') this.send({ type: 'pong' })
    else this.events.message(this, message)
  }

  private checkSilence(): void {
    const now = this.clock.now()
    if (this.sleep.hasSlept) this.lastHeard = now
    this.sleep.look()
    if (now - this.lastHeard > SILENCE_LIMIT_MS) {
      this.webSocket?.close()
      this.finish(closeCodes.silent)
    }
  }

  private endProbe(): void {
    this.cancelProbe?.()
    this.cancelProbe = undefined
  }

  private finish(code: number, sentence = ''): void {
    if (this.isClosed) return
    this.isClosed = true
    this.stopWatching()
    this.endProbe()
    this.events.closed(this, code, sentence)
  }
}

/** What browsers report for a connection that never came about. */
const NEVER_OPENED = 1006

/** A page from https may not open ws: at all; the browser throws at once, and its sentence says so. */
function openWebSocket(url: string, log: Log): WebSocket | undefined {
  try {
    return new WebSocket(url)
  } catch (error) {
    log('error', 'The browser refuses to connect to the signaling server', {
      url,
      error: describeError(error),
    })
    return undefined
  }
}
