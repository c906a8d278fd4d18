import type { IncomingMessage } from 'node:http'

import type { Clock } from '../src/base/clock.ts'
import type { Log } from '../src/base/logger.ts'
import type { AddressRates } from './address-rates.ts'
import type { ClientAddresses } from './client-address.ts'
import type { Limits } from './limits.ts'
import type { RefusalReason } from './refusals.ts'
import type { Tallies } from './tallies.ts'
import { TokenBucket } from './token-bucket.ts'

/** Decides who may try to connect: before there is a WebSocket, and anything that costs more than a look at a number. */
export class Gate {
  private readonly bucket: TokenBucket
  private hasWarned = false

  constructor(
    private readonly addresses: ClientAddresses,
    private readonly rates: AddressRates,
    readonly tallies: Tallies,
    limits: Pick<Limits, 'connectionsPerSecond' | 'maxSockets'>,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    // After a restart all of them come back within 2 s.
    const { connectionsPerSecond, maxSockets } = limits
    const burst = Math.max(connectionsPerSecond, maxSockets)
    this.bucket = new TokenBucket(connectionsPerSecond, burst, clock.now())
  }

  /** Under which a client is counted; undefined for this machine itself. */
  addressOf(request: IncomingMessage): string | undefined {
    if (!this.hasWarned && this.addresses.isByUnknownProxy(request)) this.warnOfProxy()
    return this.addresses.keyOf(request)
  }

  /** Whether this address may try once more. Comes first: one address must not use up what is there for all. */
  attempt(address: string): Promise<boolean> {
    return this.rates.attempt(address)
  }

  /** Why nobody may connect just now. */
  admit(): RefusalReason | undefined {
    return this.bucket.take(this.clock.now(), 1) ? undefined : 'connection-rate'
  }

  /** Once: anybody may send such headers. */
  private warnOfProxy(): void {
    this.hasWarned = true
    const sentence =
      'A client came with X-Forwarded-For or Forwarded, but not by a trusted proxy: if a proxy stands before this server, ' +
      'name it (trustedProxies, --trusted-proxy), as all its clients have one address until then'
    this.log('warn', sentence)
  }
}
