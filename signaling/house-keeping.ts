import type { Log } from '../src/base/logger.ts'
import type { AddressRates } from './address-rates.ts'
import type { Address, Addresses } from './addresses.ts'
import { RefusalReport } from './refusal-report.ts'
import type { Tallies } from './tallies.ts'

const PERIOD_MS = 1_000

/** An address that sends less than this part of its rate is below it at twenty servers together. */
const WORTH_SHARING = 1 / 20

/** What has to be done now and then, and is no client's: once a second. */
export class HouseKeeping {
  private nextAt: number
  private readonly report: RefusalReport

  constructor(
    private readonly addresses: Addresses,
    private readonly rates: AddressRates,
    tallies: Tallies,
    log: Log,
    private readonly messagesPerSecondPerAddress: number,
    now: number,
  ) {
    this.nextAt = now + PERIOD_MS
    this.report = new RefusalReport(tallies, log, now)
  }

  keep(now: number): void {
    if (now < this.nextAt) return
    this.nextAt = now + PERIOD_MS
    this.report.look(now)
    this.addresses.forgetSome(now)
    if (!this.rates.isShared) return
    for (const address of this.addresses) void this.share(address, now)
  }

  /** What an address has sent here counts at all servers, a second late: none of them asks others for each message. */
  private async share(address: Address, now: number): Promise<void> {
    const sent = address.settle()
    if (sent < this.messagesPerSecondPerAddress * WORTH_SHARING) return
    if (!(await this.rates.sent(address.key, sent))) address.drain(now)
  }
}
