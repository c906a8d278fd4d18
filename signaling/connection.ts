import type { WebSocket } from 'ws'

import type { Clock } from '../src/base/clock.ts'
import { describeError, type Log } from '../src/base/logger.ts'
import { SERVER_PING_PERIOD_MS, type ServerMessage } from '../src/protocol/server-messages.ts'
import type { Address } from './addresses.ts'
import { type Limits, MAX_UNANSWERED_PINGS } from './limits.ts'
import { refusalOfFrame, type RefusalReason, refusals } from './refusals.ts'
import type { Outlet } from './session.ts'
import type { Tallies } from './tallies.ts'
import { TokenBucket } from './token-bucket.ts'

export interface ConnectionEvents {
  message(text: string): void
  /** Once. `isByClient` is false when this side ended it, for whatever reason. */
  closed(isByClient: boolean): void
}

/** One WebSocket, kept within its bounds: what one client does wrong ends here. */
export class Connection implements Outlet {
  private readonly bucket: TokenBucket
  private unansweredPings = 0
  private nextPingAt: number
  private isEnded = false

  constructor(
    private readonly socket: WebSocket,
    private readonly clock: Clock,
    private readonly limits: Limits,
    private readonly log: Log,
    private readonly tallies: Tallies,
    /** Undefined for one that is not counted. */
    readonly address: Address | undefined,
  ) {
    const now = clock.now()
    this.bucket = new TokenBucket(limits.messagesPerSecond, limits.messageBurst, now)
    this.nextPingAt = now + SERVER_PING_PERIOD_MS
    // Without a listener an error of one socket would end the process.
    socket.on('error', (error) => this.fail(error))
  }

  listen(events: ConnectionEvents): void {
    const { socket } = this
    socket.on('message', (data, isBinary) => this.receive(data, isBinary, events))
    // Pings and pongs count: the first cost answers, and neither is for free.
    socket.on('ping', () => this.charge(1))
    socket.on('pong', () => {
      this.unansweredPings = 0
      this.charge(1)
    })
    socket.on('close', () => {
      const isByClient = !this.isEnded
      this.isEnded = true
      events.closed(isByClient)
    })
  }

  send(text: string): void {
    if (this.isEnded) return
    if (this.socket.bufferedAmount > this.limits.maxQueuedBytes) {
      this.refuse('slow-reader')
    } else {
      // Bytes: of a text ws would ask twice how long it is, and Node would write it more slowly.
      this.socket.send(Buffer.from(text), AS_TEXT)
    }
  }

  get queuedBytes(): number {
    return this.socket.bufferedAmount
  }

  get isCongested(): boolean {
    return this.socket.bufferedAmount > this.limits.maxQueuedBytes / 4
  }

  refuse(reason: RefusalReason): void {
    if (this.isEnded) return
    this.tallies.refuse(reason)
    const { code, sentence } = refusals[reason]
    this.end(code, sentence)
  }

  end(code: number, sentence: string): void {
    if (this.isEnded) return
    this.isEnded = true
    // If the client does not answer the close frame, ws destroys the socket after CLOSE_GRACE_MS.
    this.socket.close(code, sentence)
  }

  terminate(): void {
    this.isEnded = true
    this.socket.terminate()
  }

  /**
   * Whether the client keeps to its rate, and its address too, `effort` in messages; it is cut off if not. Where an
   * address is over its rate, whoever sends most is most likely the one that is cut off.
   */
  charge(effort: number): boolean {
    if (this.isEnded) return false
    const now = this.clock.now()
    if (!this.bucket.take(now, effort)) this.refuse('flood')
    else if (this.address?.take(now, effort) === false) this.refuse('address-flood')
    return !this.isEnded
  }

  /** Once a round: pings when it is time, and gives up a socket that answered none of the last ones. */
  ping(now: number, message: ServerMessage | undefined): void {
    if (this.isEnded || now < this.nextPingAt) return
    if (this.unansweredPings >= MAX_UNANSWERED_PINGS) {
      this.terminate()
      return
    }
    this.nextPingAt = now + SERVER_PING_PERIOD_MS
    this.unansweredPings += 1
    this.socket.ping()
    if (message) this.send(JSON.stringify(message))
  }

  /** This process slept: the answers may be waiting to be read. */
  forgiveSilence(): void {
    this.unansweredPings = 0
  }

  private receive(data: unknown, isBinary: boolean, events: ConnectionEvents): void {
    if (this.isEnded) return
    this.unansweredPings = 0
    this.tallies.messages += 1
    if (!this.charge(1)) return
    if (isBinary || !Buffer.isBuffer(data)) {
      this.refuse('binary')
      return
    }
    try {
      events.message(data.toString('utf8'))
    } catch (error) {
      this.log('error', 'A message could not be handled; its connection is closed', {
        error: describeError(error),
      })
      this.refuse('server-failed')
    }
  }

  /** Either ws found a frame it does not take and is closing with the right code, or the network failed. */
  private fail(error: Error): void {
    const reason = refusalOfFrame(error)
    if (!reason) return
    if (!this.isEnded) this.tallies.refuse(reason)
    this.isEnded = true
  }
}

const AS_TEXT = { binary: false }
