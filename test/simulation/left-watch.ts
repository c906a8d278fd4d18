import type { ConnectionState } from '../../src/rtm/session.ts'
import type { ManualClock } from '../support/manual-clock.ts'
import type { MemoryBrowser } from '../support/memory-browser.ts'
import type { MemoryNetwork } from '../support/memory-network.ts'
import type { MemoryRealm } from '../support/memory-realm.ts'
import type { SimulatedPage } from './page.ts'

/**
 * A login that is over keeps its links for a second, so that the other side can read the goodbye and close first
 * (`mesh.ts`), and with them what serves links: their timers, and the channels of tabs. Nothing else outlives it.
 */
const GOODBYE_MS = 1_000
/** Then the other side hears that the links are closed, and the server answers what was asked last: 5 ms each. */
const ARRIVED_MS = 50

/** What `page-events.ts` listens to while somebody is logged in: four events of the window, one of them twice, and two of the document. */
const LISTENERS = 7

export interface LeftWorld {
  readonly now: number
  readonly clock: ManualClock
  readonly network: MemoryNetwork
  readonly realm: MemoryRealm
  readonly browsers: readonly MemoryBrowser[]
  readonly pages: readonly SimulatedPage[]
  pass(ms: number): Promise<void>
}

/** What is left of logins that are over, looked at all the time. */
export class LeftWatch {
  private readonly outSince = new WeakMap<SimulatedPage, number>()
  /** y-webrtc has one for each of its rooms. */
  private readonly exitListeners = process.listenerCount('exit')

  constructor(
    private readonly world: LeftWorld,
    private readonly broken: (sentence: string) => void,
  ) {}

  stateChanged(page: SimulatedPage, state: ConnectionState): void {
    if (state === 'disconnected' || state === 'aborted') {
      if (!this.outSince.has(page)) this.outSince.set(page, this.world.now)
    } else this.outSince.delete(page)
    this.checkListeners(page, state)
  }

  /** What a page without a login has open. Timers of a page that is held back come late. */
  check(page: SimulatedPage): void {
    const { state } = page.engine
    this.checkListeners(page, state)
    if (state !== 'disconnected' && state !== 'aborted') return
    if (!page.process.isAwake || page.process.throttleMs > 0) return
    const since = Math.max(this.outSince.get(page) ?? -Infinity, page.awakeSince)
    if (this.world.now - since <= GOODBYE_MS) return
    this.checkNone(
      page.leftovers,
      `in ${page.name}, which has been ${state} for ${this.world.now - since} ms`,
    )
  }

  /** All log out. */
  async checkEnd(): Promise<void> {
    const { world } = this
    for (const page of world.pages) {
      page.over('logout')
      page.engine.logout(() => undefined)
    }
    await world.pass(GOODBYE_MS + ARRIVED_MS)
    const left = {
      timers: world.clock.pending,
      links: world.network.openLinkCount,
      visitors: world.realm.visitors.size,
      residents: world.realm.residents.size,
      'broadcast channels': world.browsers.reduce((sum, { broadcasts }) => sum + broadcasts.openCount, 0),
      'rooms of y-webrtc': process.listenerCount('exit') - this.exitListeners,
    }
    this.checkNone(left, 'when all have logged out')
  }

  private checkListeners(page: SimulatedPage, state: ConnectionState): void {
    const { listeners = 0 } = page.leftovers
    const right = state === 'connected' || state === 'reconnecting' ? [LISTENERS] : [0]
    // The login begins to listen when its file has come.
    if (state === 'connecting') right.push(LISTENERS)
    if (!right.includes(listeners))
      this.broken(`${page.name} is ${state}, and has ${listeners} listeners to its page`)
  }

  private checkNone(counts: Readonly<Record<string, number>>, where: string): void {
    for (const [what, count] of Object.entries(counts))
      if (count > 0) this.broken(`${count} ${what} are left ${where}`)
  }
}
