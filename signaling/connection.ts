import type { Duplex } from 'node:stream'

import { WebSocket } from 'ws'

import type { Clock } from '../src/base/clock.ts'
import { describeError, type Log } from '../src/base/logger.ts'
import { SERVER_PING_PERIOD_MS, type ServerMessage } from '../src/protocol/server-messages.ts'
import type { Address } from './addresses.ts'
import { type Limits, MAX_UNANSWERED_PINGS } from './limits.ts'
import { refusalOfFrame, type RefusalReason, refusals } from './refusals.ts'
import type { Outlet } from './session.ts'
import type { Tallies } from './tallies.ts'
import { PING_FRAME, textFrame } from './text-frame.ts'
import { TokenBucket } from './token-bucket.ts'

export interface ConnectionEvents {
  message(text: string): void
  /** Once. `isByClient` is false when this side ended it, for whatever reason. */
  closed(isByClient: boolean): void
}

/** What all connections of a server have in common. */
export interface ConnectionHouse {
  readonly clock: Clock
  readonly limits: Limits
  readonly log: Log
  readonly tallies: Tallies
  /** For whatever `refusals` has. */
  refused(reason: RefusalReason, address: Address | undefined): void
  /** Once for each connection, after its own listener was told. */
  left(connection: Connection): void
}

/**
 * One WebSocket, kept within its bounds: what one client does wrong ends here. ws reads what comes. Texts that go out are
 * written to the stream below it as whole frames, as between frames anybody may write: ws would look at each for what
 * it could compress or split, and write head and text apart.
 */
export class Connection implements Outlet {
  private readonly bucket: TokenBucket
  private unansweredPings = 0
  private nextPingAt: number
  private isEnded = false
  private events: ConnectionEvents | undefined

  constructor(
    private readonly socket: ServedWebSocket,
    /** What `socket` is on. */
    private readonly stream: Duplex,
    private readonly house: ConnectionHouse,
    /** Undefined for one that is not counted. */
    readonly address: Address | undefined,
  ) {
    const { clock, limits } = house
    const now = clock.now()
    this.bucket = new TokenBucket(limits.messagesPerSecond, limits.messageBurst, now)
    this.nextPingAt = now + SERVER_PING_PERIOD_MS
    socket.connection = this
    // Without a listener an error of one socket would end the process.
    socket.on('error', onError)
    socket.on('message', onMessage)
    socket.on('ping', onPing)
    socket.on('pong', onPong)
    socket.on('close', onClose)
  }

  listen(events: ConnectionEvents): void {
    this.events = events
  }

  get listener(): ConnectionEvents | undefined {
    return this.events
  }

  send(text: string): void {
    if (!this.isEnded) this.sendFrame(textFrame(text))
  }

  sendFrame(frame: Buffer): void {
    if (this.isEnded || this.socket.readyState !== WebSocket.OPEN) return
    if (this.queuedBytes > this.house.limits.maxQueuedBytes) this.refuse('slow-reader')
    else this.stream.write(frame)
  }

  /** What was written and not taken by the network. */
  get queuedBytes(): number {
    return this.stream.writableLength
  }

  /** Nobody would hear an answer. */
  get isClosed(): boolean {
    return this.isEnded
  }

  get isCongested(): boolean {
    return this.queuedBytes > this.house.limits.maxQueuedBytes / 4
  }

  refuse(reason: RefusalReason): void {
    if (this.isEnded) return
    this.house.refused(reason, this.address)
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
    const now = this.house.clock.now()
    if (!this.bucket.take(now, effort)) this.refuse('flood')
    else if (this.address?.take(now, effort) === false) this.refuse('address-flood')
    return !this.isEnded
  }

  /** Once a round: pings when it is time, its page too, and gives up a socket that answered none of the last ones. */
  ping(now: number, isPageAsked: boolean): void {
    if (this.isEnded || now < this.nextPingAt) return
    if (this.unansweredPings >= MAX_UNANSWERED_PINGS) {
      this.terminate()
      return
    }
    this.nextPingAt = now + SERVER_PING_PERIOD_MS
    this.unansweredPings += 1
    this.sendFrame(isPageAsked ? BOTH_PINGS : PING_FRAME)
  }

  /** This process slept: the answers may be waiting to be read. */
  forgiveSilence(): void {
    this.unansweredPings = 0
  }

  /** Of the socket, as the next ones are. */
  receive(data: unknown, isBinary: boolean): void {
    if (this.isEnded) return
    this.unansweredPings = 0
    this.house.tallies.messages += 1
    if (!this.charge(1)) return
    if (isBinary || !Buffer.isBuffer(data)) {
      this.refuse('binary')
      return
    }
    try {
      this.events?.message(data.toString('utf8'))
    } catch (error) {
      this.house.log('error', 'A message could not be handled; its connection is closed', {
        error: describeError(error),
      })
      this.refuse('server-failed')
    }
  }

  /** Pings and pongs count: the first cost answers, and neither is for free. */
  receivePing(): void {
    this.charge(1)
  }

  receivePong(): void {
    this.unansweredPings = 0
    this.charge(1)
  }

  closed(): void {
    const isByClient = !this.isEnded
    this.isEnded = true
    this.events?.closed(isByClient)
    this.house.left(this)
  }

  /** Either ws found a frame it does not take and is closing with the right code, or the network failed. */
  failed(error: Error): void {
    const reason = refusalOfFrame(error)
    if (!reason) return
    if (!this.isEnded) this.house.refused(reason, this.address)
    this.isEnded = true
  }
}

/** A WebSocket that knows its connection, so that all of them can have the same listeners. */
export class ServedWebSocket extends WebSocket {
  connection: Connection | undefined = undefined
}

function connectionOf(socket: WebSocket): Connection | undefined {
  return socket instanceof ServedWebSocket ? socket.connection : undefined
}

function onMessage(this: WebSocket, data: unknown, isBinary: boolean): void {
  connectionOf(this)?.receive(data, isBinary)
}

function onPing(this: WebSocket): void {
  connectionOf(this)?.receivePing()
}

function onPong(this: WebSocket): void {
  connectionOf(this)?.receivePong()
}

function onClose(this: WebSocket): void {
  connectionOf(this)?.closed()
}

function onError(this: WebSocket, error: Error): void {
  connectionOf(this)?.failed(error)
}

const PAGE_PING: ServerMessage = { type: 'ping' }
const BOTH_PINGS = Buffer.concat([PING_FRAME, textFrame(JSON.stringify(PAGE_PING))])
