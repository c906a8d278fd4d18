import type { Limits } from './limits.ts'
import { TokenBucket } from './token-bucket.ts'

type AddressLimits = Pick<
  Limits,
  'maxSocketsPerAddress' | 'messagesPerSecondPerAddress' | 'messageBurstPerAddress'
>

/** What the clients of one address have open and have sent. */
export class Address {
  openSockets = 0
  /** Since it was last asked for; for servers that share the count. */
  private sentSinceSettled = 0
  private readonly bucket: TokenBucket

  constructor(
    readonly key: string,
    { messagesPerSecondPerAddress, messageBurstPerAddress }: AddressLimits,
    now: number,
  ) {
    this.bucket = new TokenBucket(messagesPerSecondPerAddress, messageBurstPerAddress, now)
  }

  /** Whether its clients keep to their rate, all of them together; `effort` in messages. */
  take(now: number, effort: number): boolean {
    this.sentSinceSettled += effort
    return this.bucket.take(now, effort)
  }

  /** Other servers have taken from it what there was. */
  drain(now: number): void {
    this.bucket.drain(now)
  }

  /** What was sent since the last time, in messages. */
  settle(): number {
    const sent = Math.round(this.sentSinceSettled)
    this.sentSinceSettled = 0
    return sent
  }

  isForgettable(now: number): boolean {
    return this.openSockets === 0 && this.bucket.isFull(now)
  }
}

/**
 * The addresses that have sockets open, and those that have sent much and would begin anew by coming back: as many as
 * there are sockets, and have been in the last 10 s.
 */
export class Addresses {
  private readonly byKey = new Map<string, Address>()

  constructor(private readonly limits: AddressLimits) {}

  /** For one more socket; undefined if this address has as many as it may. */
  enter(key: string, now: number): Address | undefined {
    const address = this.byKey.get(key) ?? new Address(key, this.limits, now)
    if (address.openSockets >= this.limits.maxSocketsPerAddress) return undefined
    address.openSockets += 1
    this.byKey.set(key, address)
    return address
  }

  leave(address: Address): void {
    address.openSockets -= 1
  }

  get size(): number {
    return this.byKey.size
  }

  [Symbol.iterator](): Iterator<Address> {
    return this.byKey.values()
  }

  /** Once a second. */
  forgetSome(now: number): void {
    for (const [key, address] of this.byKey) if (address.isForgettable(now)) this.byKey.delete(key)
  }
}
