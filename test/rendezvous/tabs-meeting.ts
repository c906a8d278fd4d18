import { webCrypto } from '../../src/base/crypto.ts'
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

/** Tabs that no server has accepted, with real broadcast channels, and one clock for all that stands still. */
export function tabsMeeting(log: Log = noLog) {
  const clock = new ManualClock()
  const broadcasts = new RealBroadcasts()
  const tabs: Tab[] = []
  const broadcastOf = new Map<Participant, CountedBroadcast>()
  const settle = () => broadcasts.settle()

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
    /** A tab that has not said anything yet. */
    async open(
      user: string,
      { realm = REALM, appId = APP }: { realm?: string; appId?: AppId } = {},
    ): Promise<Tab> {
      const announcement = { ...(await announcementOf(user)), appId }
      const one: Tab = new Participant(announcement, (who, events) => {
        const openBroadcast = (name: string): CountedBroadcast => {
          const broadcast = broadcasts.openBroadcast(name)
          broadcastOf.set(one, broadcast)
          return broadcast
        }
        const { sha256 } = webCrypto
        return new TabsRendezvous({ realm, announcement: who, clock, log, sha256, openBroadcast }, events)
      })
      tabs.push(one)
      return one
    },
  }
  return world
}
