import { decodePacket } from '../../src/protocol/frames.ts'
import { makePage, type Page } from '../../test/rtm/page.ts'
import type { MemoryLink } from '../../test/support/memory-link.ts'
import { MemoryNetwork } from '../../test/support/memory-network.ts'
import { pass } from '../../test/support/pass-time.ts'
import { CountedClock, CountedRealm } from './counted.ts'

/** What went over links, of all members or of one. */
export interface Sent {
  packets: number
  bytes: number
  items: number
  acknowledgements: number
}

/** What happened in some time. */
export interface Traffic {
  readonly all: Sent
  readonly sentBy: (page: Page) => Sent
  readonly beats: number
  readonly documentMessages: number
  readonly documentBytes: number
  readonly toServer: number
  readonly fromServer: number
  /** Of those, from and to the server, that are signals of one session to another. */
  readonly signals: number
  readonly rosters: number
  readonly joined: number
  readonly timers: number
  readonly linkAttempts: number
}

/** Long enough for two links to open and greet, and for what is told of it. */
const SETTLE_MS = 3_000

/** Members with real engines, on links in memory and a server in memory, where time stands still until it is moved. */
export class Crowd {
  readonly clock = new CountedClock()
  readonly realm = new CountedRealm(this.clock)
  readonly network = new MemoryNetwork(this.clock)
  readonly pages: Page[] = []
  private deliveredBytes = 0

  constructor() {
    this.network.fault = (_, packet) => {
      this.deliveredBytes += packet.byteLength
      return undefined
    }
  }

  pass(ms: number): Promise<void> {
    return pass(this.clock, ms)
  }

  /** One more logs in and joins. */
  async come(channel: string): Promise<Page> {
    const number = this.pages.length
    const { clock, realm, network } = this
    const world = { clock, realm, network, nextSession: () => number + 1 }
    const page = makePage(`user ${number}`, world, undefined, { seed: number + 1 })
    this.pages.push(page)
    page.login()
    await this.pass(50)
    page.join(channel)
    await this.pass(50)
    return page
  }

  /** So many come, one after the other. */
  async fill(count: number, channel: string): Promise<void> {
    while (this.pages.length < count) await this.come(channel)
    await this.pass(SETTLE_MS)
  }

  async joinAll(channel: string): Promise<void> {
    for (const page of this.pages) page.join(channel)
    await this.pass(SETTLE_MS)
  }

  /** Links of each member, the fewest first. */
  get linkCounts(): readonly number[] {
    const countBySession = new Map(this.pages.map(({ peer }) => [peer.sessionId, 0]))
    for (const { ends } of this.network.openCables) {
      for (const { peer } of ends)
        countBySession.set(peer.sessionId, (countBySession.get(peer.sessionId) ?? 0) + 1)
    }
    return [...countBySession.values()].sort((a, b) => a - b)
  }

  /** Who has received this often something that was said. */
  receiversOf(text: string): number {
    return this.pages.filter(({ log }) => log.some((line) => line.endsWith(text))).length
  }

  /** What happens while this runs. All that is sent in this time should have arrived by its end. */
  async during(run: () => Promise<void>): Promise<Traffic> {
    const { network, realm, clock } = this
    const sentBefore = new Map(this.ends().map((end) => [end, end.sent.length]))
    const totals = () => ({
      beats: network.beatCount,
      deliveries: network.deliveryCount,
      deliveredBytes: this.deliveredBytes,
      toServer: realm.toServer.total,
      fromServer: realm.fromServer.total,
      signals: realm.toServer.of('signal') + realm.fromServer.of('signal'),
      rosters: realm.fromServer.of('roster'),
      joined: realm.fromServer.of('joined'),
      timers: clock.setCount,
      linkAttempts: network.attemptCount,
    })
    const before = totals()
    await run()
    const after = totals()
    const grown = (name: keyof typeof before): number => after[name] - before[name]
    const sentSince = this.ends().map((end) => ({ end, packets: end.sent.slice(sentBefore.get(end) ?? 0) }))
    const all = summed(sentSince.flatMap(({ packets }) => packets))
    return {
      all,
      sentBy: (page) => summed(sentSince.flatMap(({ end, packets }) => (isOf(end, page) ? packets : []))),
      beats: grown('beats'),
      documentMessages: grown('deliveries') - all.packets,
      documentBytes: grown('deliveredBytes') - all.bytes,
      toServer: grown('toServer'),
      fromServer: grown('fromServer'),
      signals: grown('signals'),
      rosters: grown('rosters'),
      joined: grown('joined'),
      timers: grown('timers'),
      linkAttempts: grown('linkAttempts'),
    }
  }

  /** All log out; nothing may be left. */
  async disperse(): Promise<void> {
    for (const { engine } of this.pages) engine.logout(() => undefined)
    await this.pass(31_000)
    const { pending } = this.clock
    const { openLinkCount } = this.network
    if (pending > 0 || openLinkCount > 0)
      throw new Error(`${pending} timers and ${openLinkCount} links are left`)
  }

  private ends(): readonly MemoryLink[] {
    return this.network.cables.flatMap(({ ends }) => ends)
  }
}

/** Whether this end is at that page: an end has the name of the other. */
function isOf(end: MemoryLink, { peer }: Page): boolean {
  const opposite = end.cable.ends.find((other) => other !== end)
  return opposite?.peer.sessionId === peer.sessionId
}

function summed(packets: readonly Uint8Array[]): Sent {
  const sum = { packets: 0, bytes: 0, items: 0, acknowledgements: 0 }
  for (const packet of packets) {
    sum.packets += 1
    sum.bytes += packet.byteLength
    for (const { type } of decodePacket(packet) ?? []) {
      if (type === 'item') sum.items += 1
      if (type === 'ack') sum.acknowledgements += 1
    }
  }
  return sum
}
