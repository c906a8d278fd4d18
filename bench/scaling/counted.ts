import type { Cancel } from '../../src/base/clock.ts'
import type { ChannelId, SessionId } from '../../src/base/ids.ts'
import type { Peer } from '../../src/protocol/peer.ts'
import type { Announcement, RendezvousEvents } from '../../src/rendezvous/rendezvous.ts'
import { ManualClock } from '../../test/support/manual-clock.ts'
import { MemoryRealm, type Visitor } from '../../test/support/memory-realm.ts'

/** How often each kind of message went one way. */
export class Tally {
  private readonly countByName = new Map<string, number>()

  add(name: string): void {
    this.countByName.set(name, this.of(name) + 1)
  }

  of(name: string): number {
    return this.countByName.get(name) ?? 0
  }

  get total(): number {
    return [...this.countByName.values()].reduce((sum, count) => sum + count, 0)
  }
}

/** Counts the timers that are set. */
export class CountedClock extends ManualClock {
  setCount = 0

  override after(delayMs: number, run: () => void): Cancel {
    this.setCount += 1
    return super.after(delayMs, run)
  }
}

/** Counts what sessions and the server say to each other, under the names of `protocol/server-messages.ts`. */
export class CountedRealm extends MemoryRealm {
  readonly toServer = new Tally()
  readonly fromServer = new Tally()

  override login(visitor: Visitor, announcement: Announcement, earlier: number | undefined): void {
    this.toServer.add('login')
    const deliver = visitor.deliver.bind(visitor)
    visitor.deliver = (tell) => deliver((events) => tell(this.counting(events)))
    super.login(visitor, announcement, earlier)
  }

  override join(visitor: Visitor, channelId: ChannelId, incarnation: number): void {
    this.toServer.add('join')
    super.join(visitor, channelId, incarnation)
  }

  override visit(visitor: Visitor, channelId: ChannelId): readonly Peer[] {
    this.toServer.add('visit')
    return super.visit(visitor, channelId)
  }

  override relay(visitor: Visitor, to: SessionId, signal: string): void {
    this.toServer.add('signal')
    super.relay(visitor, to, signal)
  }

  /** Who is told something takes one of these out. */
  private counting(events: RendezvousEvents): RendezvousEvents {
    return new Proxy(events, {
      get: (target, name): unknown => {
        this.fromServer.add(String(name))
        return Reflect.get(target, name)
      },
    })
  }
}
