import type { SessionId } from '../../src/base/ids.ts'
import { SeededIssuer } from '../support/seeded-issuer.ts'
import type { Fault as CableFault } from '../support/memory-link.ts'
import type { Dice } from './dice.ts'
import { introduceNobody } from './forgery.ts'
import type { SimulatedPage } from './page.ts'
import { USERS, type World } from './world.ts'

const CUTS: readonly CableFault[] = [
  'cut',
  'silent',
  'cut, only the sender notices',
  'cut, only the receiver notices',
]

/** Something that goes wrong for a while; says what, and how it is healed. Undefined where there is nothing to break. */
interface Kind {
  readonly weight: number
  readonly begin: (
    world: World,
    dice: Dice,
  ) => { readonly what: string; readonly heal?: () => void } | undefined
}

const kinds: readonly Kind[] = [
  {
    weight: 8,
    begin({ network }, dice) {
      const cable = dice.of(network.openCables)
      const fault = dice.of(CUTS) ?? 'cut'
      cable?.break(fault, dice.of(cable.ends))
      return cable && { what: `${fault}: ${cable.ends.map(({ peer }) => peer.userId).join(' and ')}` }
    },
  },
  {
    weight: 4,
    begin({ network }, dice) {
      const cable = dice.of(network.openCables)
      cable?.stall()
      const between = cable?.ends.map(({ peer }) => peer.userId).join(' and ')
      return cable && { what: `stalled: ${between}`, heal: () => cable.flow() }
    },
  },
  {
    weight: 3,
    begin({ network }, dice) {
      network.jitterMs = dice.between(5, 600)
      return { what: `up to ${network.jitterMs} ms slower`, heal: () => (network.jitterMs = 0) }
    },
  },
  {
    weight: 2,
    begin({ network }, dice) {
      network.beatLoss = dice.random()
      return { what: 'beats are lost', heal: () => (network.beatLoss = 0) }
    },
  },
  {
    weight: 4,
    begin({ signals }, dice) {
      signals.loss = dice.percent(50) ? dice.random() : 0
      signals.duplication = dice.random()
      signals.delayMs = dice.between(0, 400)
      return { what: 'signals are lost, doubled and late', heal: () => signals.clear() }
    },
  },
  {
    weight: 3,
    begin({ relays }, dice) {
      relays.loss = dice.percent(50) ? dice.random() / 4 : 0
      relays.duplication = dice.percent(50) ? dice.random() : 0
      relays.swapping = dice.percent(50) ? dice.random() : 0
      return { what: 'what is passed on is lost, doubled and swapped', heal: () => relays.clear() }
    },
  },
  {
    weight: 2,
    begin(world, dice) {
      const what = introduceNobody(world, dice)
      return what === undefined ? undefined : { what }
    },
  },
  {
    weight: 4,
    begin({ network, pages }, dice) {
      const there = new Set(pages.filter(() => dice.percent(50)).map(({ login }) => login?.sessionId))
      return { what: 'parted', heal: network.part((a, b) => there.has(a) !== there.has(b)) }
    },
  },
  {
    weight: 4,
    begin({ network, pages }, dice) {
      const pair = [dice.of(pages), dice.of(pages)].map((page) => page?.userId)
      network.refusal = (a, b) => (pair.includes(a.userId) && pair.includes(b.userId) ? 'No path' : undefined)
      return { what: `no path: ${pair.join(' and ')}`, heal: () => (network.refusal = () => undefined) }
    },
  },
  {
    weight: 3,
    begin({ realm, hasSecret }, dice) {
      realm.stop()
      const hasNewKey = dice.percent(50) && !hasSecret
      if (hasNewKey) realm.issuer = new SeededIssuer(realm.boot)
      const what = `the server is gone, and forgets${hasNewKey ? ' its key too' : ''}`
      return { what, heal: () => realm.start() }
    },
  },
  {
    weight: 3,
    begin({ realm }) {
      realm.isUp = false
      for (const visitor of realm.visitors) visitor.lose()
      return { what: 'the server is out of reach', heal: () => realm.start() }
    },
  },
  {
    weight: 5,
    begin({ pages }, dice) {
      const page = dice.of(pages)
      page?.rendezvous?.lose()
      return page && { what: `${page.name} loses its server` }
    },
  },
  {
    weight: 2,
    begin({ realm }) {
      realm.answersFinds = false
      return { what: 'finds are lost', heal: () => (realm.answersFinds = true) }
    },
  },
  {
    weight: 3,
    begin: (world, dice) =>
      withPage(world, dice, (page) => {
        const isFrozen = dice.percent(50)
        page.freeze()
        return {
          what: `${page.name} ${isFrozen ? 'is frozen' : 'sleeps'}`,
          heal: () => page.thaw(isFrozen),
        }
      }),
  },
  {
    weight: 3,
    begin: (world, dice) =>
      withPage(world, dice, (page) => {
        page.pause()
        return { what: `${page.name} is put away`, heal: () => page.resume() }
      }),
  },
  {
    weight: 2,
    begin: (world, dice) =>
      withPage(world, dice, (page) => {
        page.hide(dice.percent(80) ? 1_000 : 60_000)
        return { what: `${page.name} is hidden`, heal: () => page.show() }
      }),
  },
  {
    weight: 2,
    begin({ browsers }, dice) {
      const browser = dice.of(browsers)
      const delayMs = dice.of([5, 40, 300, 1_000]) ?? 5
      if (!browser) return undefined
      browser.delayMs = () => dice.below(delayMs)
      return { what: `a disk takes up to ${delayMs} ms`, heal: () => (browser.delayMs = () => 0) }
    },
  },
  {
    weight: 3,
    begin(world, dice) {
      const browser = dice.of(world.browsers)
      const isHere = (page: SimulatedPage): boolean => page.browser === browser
      if (!browser || world.offline.has(browser)) return undefined
      world.offline.add(browser)
      const isOff = (sessionId: SessionId): boolean => world.logins.get(sessionId)?.browser === browser
      const rejoin = world.network.part((a, b) => isOff(a) !== isOff(b))
      const off = (page: SimulatedPage): void => page.setOnline(false)
      world.pages.filter(isHere).forEach(off)
      const heal = (): void => {
        world.offline.delete(browser)
        rejoin()
        for (const page of world.pages.filter(isHere)) page.setOnline(true)
      }
      return { what: `browser ${world.browsers.indexOf(browser)} has no network`, heal }
    },
  },
  {
    weight: 1,
    begin({ realm, logins, now }, dice) {
      const userId = dice.of(USERS)
      if (!userId || !realm.isUp) return undefined
      for (const login of logins.values()) if (login.userId === userId) login.goodbyes.push(now)
      realm.end(userId, 'kicked')
      return { what: `${userId} is kicked` }
    },
  },
  {
    weight: 3,
    begin: (world, dice) =>
      withPage(world, dice, (page) => {
        world.closed(page)
        const isCrash = dice.percent(50)
        if (isCrash) page.crash()
        else page.unload()
        return { what: `${page.name} ${isCrash ? 'crashes' : 'is closed'}` }
      }),
  },
]

/** What is broken now, and until when. */
export class Faults {
  private readonly present: { readonly what: string; readonly until: number; readonly heal: () => void }[] =
    []

  constructor(private readonly world: World) {}

  begin(dice: Dice): void {
    const { world } = this
    const begun = dice.weighted(kinds)?.begin(world, dice)
    if (!begun) return
    const ms = dice.percent(85) ? dice.between(50, 9_000) : dice.between(9_000, 45_000)
    const { what, heal } = begun
    world.trace.note(`*** ${what}${heal ? ` for ${ms} ms` : ''}`)
    if (heal) this.present.push({ what, until: world.now + ms, heal })
  }

  /** Those that are over. */
  heal(all = false): void {
    for (const fault of [...this.present]) {
      if (!all && fault.until > this.world.now) continue
      this.present.splice(this.present.indexOf(fault), 1)
      this.world.trace.note(`*** healed: ${fault.what}`)
      fault.heal()
    }
  }
}

function withPage<T>(world: World, dice: Dice, run: (page: SimulatedPage) => T): T | undefined {
  const page = dice.of(world.pages.filter(({ process, isPaused }) => process.isAwake && !isPaused))
  return page && run(page)
}
