import { expect, onTestFinished } from 'vitest'

import { ManualClock } from '../support/manual-clock.ts'
import { MemoryNetwork } from '../support/memory-network.ts'
import { MemoryRealm } from '../support/memory-realm.ts'
import { pass } from '../support/pass-time.ts'
import { makePage, type Page, type PageOptions } from './page.ts'

export { LOBBY, type Page, text } from './page.ts'

/** Engines that meet at one realm, on one network, at one time. At the end all log out, and nothing may be left. */
export function setup() {
  const clock = new ManualClock()
  const realm = new MemoryRealm(clock)
  const network = new MemoryNetwork(clock)
  const pages: Page[] = []
  let sessionCount = 0

  /** In a browser of its own, unless an earlier page's is given. */
  function page(userId: string, browser?: Page['browser'], options?: PageOptions): Page {
    const surroundings = { clock, realm, network, nextSession: () => ++sessionCount }
    const one = makePage(userId, surroundings, browser, options)
    pages.push(one)
    return one
  }

  const world = {
    clock,
    realm,
    network,
    page,
    pass: (ms: number) => pass(clock, ms),
    async loggedIn(userId: string, browser?: Page['browser']) {
      const one = page(userId, browser)
      const call = one.login()
      await world.pass(30)
      expect(call.outcome).toBe('ok')
      one.news()
      return one
    },
    /** Users in the lobby who know of each other and are linked. */
    async lobby<Names extends readonly string[]>(...names: Names): Promise<{ [K in keyof Names]: Page }> {
      const all: Page[] = []
      for (const name of names) {
        const one = await world.loggedIn(name)
        one.join()
        await world.pass(30)
        all.push(one)
      }
      await world.pass(2_000)
      for (const one of all) one.news()
      return all as { [K in keyof Names]: Page }
    },
  }
  onTestFinished(async () => {
    for (const { engine } of pages) engine.logout(() => undefined)
    await world.pass(31_000)
    expect(clock.pending, 'timers that are left').toBe(0)
    expect(network.openLinkCount, 'links that are left').toBe(0)
    expect(realm.visitors.size, 'visitors that are left').toBe(0)
    const broadcastCount = pages.reduce((sum, { browser }) => sum + browser.broadcasts.openCount, 0)
    expect(broadcastCount, 'broadcast channels that are left').toBe(0)
  })
  return world
}
