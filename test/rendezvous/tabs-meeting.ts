import type { Bytes } from '../../src/base/bytes.ts'
import { webCrypto } from '../../src/base/crypto.ts'
import type { Cancel, Clock } from '../../src/base/clock.ts'
import type { AppId } from '../../src/base/ids.ts'
import type { Log } from '../../src/base/logger.ts'
import { realmOf } from '../../src/rendezvous/realm.ts'
import { TabsRendezvous } from '../../src/rendezvous/tabs.ts'
import { APP } from '../support/credentials.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { noLog } from '../support/no-log.ts'
import { type CountedBroadcast, RealBroadcasts } from '../support/real-broadcast.ts'
import { type Meeting, Participant } from './participant.ts'
import { announcementOf } from './server-meeting.ts'

export const REALM = realmOf(APP, [])

type Tab = Participant<TabsRendezvous>

export interface TabPlace {
  readonly realm?: string
  readonly appId?: AppId
  /** How much later it is in this page. */
  readonly clockOffsetMs?: number
}

/** Tabs that no server has accepted, with real broadcast channels, and one clock for all that stands still. */
export function tabsMeeting(log: Log = noLog) {
  const clock = new ManualClock()
  const broadcasts = new RealBroadcasts()
  const tabs: Tab[] = []
  const broadcastOf = new Map<Participant, CountedBroadcast>()
  const clocks = new Map<Participant, PageClock>()
  const underWay = new Set<Promise<unknown>>()
  /** A test waits for the cryptography, too. */
  const awaited = <T>(work: Promise<T>): Promise<T> => {
    underWay.add(work)
    void work.finally(() => underWay.delete(work))
    return work
  }
  const settle = async (): Promise<void> => {
    do {
      await Promise.all(underWay)
      await broadcasts.settle()
    } while (underWay.size > 0)
  }

  const meeting: Meeting = {
    async arrive(user) {
      const one = await world.open(user)
      one.rendezvous.logIn()
      await one.until(() => one.rendezvous.isUp)
      // Who is alone is sure of it after 400 ms.
      await meeting.pass(500)
      return one
    },
    settle,
    async pass(ms) {
      await settle()
      for (let left = ms; left > 0; left -= 100) {
        clock.advance(Math.min(left, 100))
        await settle()
      }
    },
    async crash(participant) {
      broadcastOf.get(participant)?.die()
      participant.rendezvous.goodbye()
      await settle()
    },
    async close() {
      for (const { rendezvous } of tabs) rendezvous.goodbye()
      await settle()
      if (clock.pending > 0) throw new Error(`${clock.pending} timers are left`)
      if (broadcasts.openCount > 0) throw new Error(`${broadcasts.openCount} broadcast channels are open`)
    },
  }
  const world = {
    ...meeting,
    clock,
    broadcasts,
    /** Nothing runs in its page until `thaw`. */
    freeze(one: Participant): void {
      clocks.get(one)?.stop()
      broadcastOf.get(one)?.freeze()
    },
    async thaw(one: Participant): Promise<void> {
      clocks.get(one)?.start()
      broadcastOf.get(one)?.thaw()
      await settle()
    },
    /** Its timers do not run any more. */
    hide: (one: Participant): void => clocks.get(one)?.stop(),
    /** A tab that has not said anything yet. */
    async open(user: string, { realm = REALM, appId = APP, clockOffsetMs = 0 }: TabPlace = {}): Promise<Tab> {
      const announcement = { ...(await announcementOf(user)), appId }
      const { publicKey, sign } = announcement.signingKey
      const signingKey = { publicKey, sign: (data: Bytes) => awaited(sign(data)) }
      const own = new PageClock(clock, clockOffsetMs)
      const one: Tab = new Participant({ ...announcement, signingKey }, (who, events) => {
        const openBroadcast = (name: string): CountedBroadcast => {
          const broadcast = broadcasts.openBroadcast(name)
          broadcastOf.set(one, broadcast)
          return broadcast
        }
        const sha256 = (data: Bytes): Promise<Bytes> => awaited(webCrypto.sha256(data))
        return new TabsRendezvous(
          { realm, announcement: who, clock: own, log, sha256, openBroadcast },
          events,
        )
      })
      tabs.push(one)
      clocks.set(one, own)
      return one
    },
  }
  return world
}

/** A page's timers, which do not run while it is hidden or frozen, and are all due when it is back. */
class PageClock implements Clock {
  private due: (() => void)[] | undefined

  constructor(
    private readonly clock: Clock,
    private readonly offsetMs: number,
  ) {}

  now(): number {
    return this.clock.now() + this.offsetMs
  }

  after(delayMs: number, run: () => void): Cancel {
    let isCancelled = false
    const runOnce = (): void => {
      if (isCancelled) return
      if (this.due) this.due.push(runOnce)
      else run()
    }
    const cancel = this.clock.after(delayMs, runOnce)
    return () => {
      isCancelled = true
      cancel()
    }
  }

  stop(): void {
    this.due ??= []
  }

  start(): void {
    const { due = [] } = this
    this.due = undefined
    for (const run of due) run()
  }
}
