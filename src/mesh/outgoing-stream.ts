import type { Bytes } from '../base/bytes.ts'
import type { Position } from '../protocol/frames.ts'
import type { Ledger } from './ledger.ts'

/** What became of an item: it arrived; it never left; or nobody knows. */
export type Outcome = 'acknowledged' | 'withdrawn' | 'unknown'

/** An item that a peer is owed. */
export interface Owed {
  readonly bytes: Bytes
  readonly settled: (outcome: Outcome) => void
  /** When it was owed first. */
  readonly since: number
}

/**
 * The items that one session owes another, in order, across any number of links.
 *
 *     transmitted, not acknowledged      waiting
 *     [ base … base+n-1 ]                [ … ]
 *
 * An item gets its number when it is first handed to a link, so that one that was
 * never handed out can be withdrawn without leaving a gap.
 */
export class OutgoingStream {
  private stream: number
  private base = 0
  private readonly transmitted: Owed[] = []
  private readonly waiting: Owed[] = []
  /** How many of the transmitted items were handed to the present link. */
  private handedOut = 0
  private bytes = 0
  private unsentBytes = 0

  constructor(private readonly ledger: Ledger) {
    this.stream = ledger.newStreamNumber()
  }

  get owedCount(): number {
    return this.transmitted.length + this.waiting.length
  }

  /** The item that has waited longest for its acknowledgement. */
  get oldest(): Owed | undefined {
    return this.transmitted[0] ?? this.waiting[0]
  }

  /** No item was ever handed to a link: whatever the other side has received, it goes on with the first one. */
  get isUntouched(): boolean {
    return this.base === 0 && this.transmitted.length === 0
  }

  get owedBytes(): number {
    return this.bytes
  }

  /** Of the items that were never handed to a link. */
  get waitingBytes(): number {
    return this.unsentBytes
  }

  push(owed: Owed): void {
    this.waiting.push(owed)
    this.unsentBytes += owed.bytes.byteLength
    this.count(owed.bytes.byteLength)
  }

  /** The next item for the present link; undefined when it has them all. */
  next(): { at: Position; item: Bytes } | undefined {
    const again = this.transmitted[this.handedOut]
    const owed = again ?? this.waiting.shift()
    if (!owed) return undefined
    if (!again) {
      this.transmitted.push(owed)
      this.unsentBytes -= owed.bytes.byteLength
    }
    const at = { stream: this.stream, number: this.base + this.handedOut }
    this.handedOut += 1
    return { at, item: owed.bytes }
  }

  /**
   * A new link, whose other end says what it has received. What it lacks is handed out again; if it does not
   * know this stream (it dropped us after a long silence) what is owed goes into a new one.
   */
  resume(received: Position): void {
    this.acknowledge(received)
    this.handedOut = 0
    const isFresh = this.base === 0 && received.stream < this.stream
    if (received.stream === this.stream || isFresh) return
    this.stream = this.ledger.newStreamNumber()
    this.base = 0
  }

  /** Everything before this position arrived. Positions that were never handed out are ignored. */
  acknowledge(received: Position): void {
    const count = received.number - this.base
    if (received.stream !== this.stream || count <= 0 || count > this.transmitted.length) return
    const arrived = this.transmitted.splice(0, count)
    this.base += count
    this.handedOut = Math.max(0, this.handedOut - count)
    for (const owed of arrived) this.settle(owed, 'acknowledged')
  }

  /** Takes back an item that was never handed to any link; false if it was. */
  withdraw(owed: Owed): boolean {
    const index = this.waiting.indexOf(owed)
    if (index < 0) return false
    this.waiting.splice(index, 1)
    this.unsentBytes -= owed.bytes.byteLength
    this.settle(owed, 'withdrawn')
    return true
  }

  /** The stream is over. */
  end(): void {
    const transmitted = this.transmitted.splice(0)
    const waiting = this.waiting.splice(0)
    this.handedOut = this.unsentBytes = 0
    for (const owed of transmitted) this.settle(owed, 'unknown')
    for (const owed of waiting) this.settle(owed, 'withdrawn')
  }

  private settle(owed: Owed, outcome: Outcome): void {
    this.count(-owed.bytes.byteLength)
    owed.settled(outcome)
  }

  private count(bytes: number): void {
    this.bytes += bytes
    this.ledger.owedBytes += bytes
  }
}
