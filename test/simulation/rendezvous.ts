import type { UserId } from '../../src/base/ids.ts'
import type { Announcement, RendezvousEvents } from '../../src/rendezvous/rendezvous.ts'
import type { MemoryRealm } from '../support/memory-realm.ts'
import { MemoryRendezvous } from '../support/memory-rendezvous.ts'
import type { PageProcess } from '../support/page-process.ts'

/** A way into the realm whose answers come while the page is awake, or never. */
export class SimulatedRendezvous extends MemoryRendezvous {
  constructor(
    realm: MemoryRealm,
    announcement: Announcement,
    events: RendezvousEvents,
    private readonly process: PageProcess,
  ) {
    super(realm, announcement, events)
  }

  override find(userIds: readonly UserId[]): ReturnType<MemoryRendezvous['find']> {
    return this.process.gate(super.find(userIds))
  }

  override visit(...channel: Parameters<MemoryRendezvous['visit']>): ReturnType<MemoryRendezvous['visit']> {
    return this.process.gate(super.visit(...channel))
  }

  override count(...channels: Parameters<MemoryRendezvous['count']>): ReturnType<MemoryRendezvous['count']> {
    return this.process.gate(super.count(...channels))
  }
}
