import { sum } from './statistics.mjs'

/** @import { Browser, Page } from 'playwright' */
/** @import { ContenderEntry } from './contenders.mjs' */
/** @import { PageProfiler } from './page-profile.mjs' */
/** @import { Site } from './site.mjs' */

let roomCount = 0

/** How long anything may take in a page that a workload waits for. */
const PATIENCE_MS = 60_000
/** A goodbye is waited for this long; the navigation ends what is left. */
const GOODBYE_MS = 1_000

/**
 * Pages in browser contexts of their own, as tabs of one context would find each other without WebRTC. They are used
 * again and again, by one library after the other, as opening them takes much longer than most of what is measured.
 */
export class PagePool {
  /** @type {Page[]} */
  #pages = []
  /** What pages complained of. @type {string[]} */
  complaints = []
  /** @type {PageProfiler | undefined} */
  profiler

  /** @param {Browser} browser */
  constructor(browser) {
    this.browser = browser
  }

  /** @param {number} index */
  async page(index) {
    const known = this.#pages[index]
    if (known) return known
    const context = await this.browser.newContext()
    const page = await context.newPage()
    page.setDefaultTimeout(PATIENCE_MS)
    page.on('pageerror', (error) => this.complaints.push(`p${index}: ${error.message}`))
    page.on('crash', () => this.complaints.push(`p${index} crashed`))
    this.#pages[index] = page
    return page
  }
}

/**
 * The pages of one library during a block of workloads: `p0`, `p1`, … Some of them are in the room and linked to each
 * other, so that one workload can go on with what the one before has built up.
 */
export class Crowd {
  /** Pages that are loaded, by number. @type {Page[]} */
  #pages = []
  /** How many of these are in the room and linked to each other. */
  #linkedCount = 0
  #batch = 0
  room = ''

  /**
   * @param {PagePool} pool
   * @param {Site} site
   * @param {ContenderEntry} contender
   * @param {string} server
   */
  constructor(pool, site, contender, server) {
    this.pool = pool
    this.site = site
    this.contender = contender
    this.server = server
  }

  /** A number that no other batch of messages has. */
  nextBatch() {
    return ++this.#batch
  }

  /** So many pages that are loaded and prepared, and not yet in the room, which is a new one. @param {number} count */
  async fresh(count) {
    await this.close()
    this.room = `room-${++roomCount}`
    return this.#load(count)
  }

  /** So many pages that are in the room and linked to each other; they are made unless they are there. @param {number} count */
  async linked(count) {
    if (this.#linkedCount !== count || this.#pages.length !== count) {
      await this.fresh(count)
      await this.meet()
    }
    return this.#pages
  }

  /** One page more, loaded and prepared. */
  async another() {
    const [page] = await this.#load(1)
    if (!page) throw new Error('There is no further page')
    return page
  }

  /**
   * All pages that are not in the room enter it at once. Everybody says hello to everybody: resolves when all hellos have
   * arrived, with the milliseconds from the first "go" to the last of them, and to the first one at the second page.
   */
  async meet() {
    const [known, names] = [this.#linkedCount, this.names]
    const goneAt = await Promise.all(this.#pages.slice(known).map((page) => this.#enter(page)))
    const heard = await Promise.all(
      this.#pages.map((page, i) => {
        // Those who were here have heard each other.
        const others = i < known ? names.slice(known) : names.filter((_, j) => j !== i)
        return page.evaluate((from) => window.measures.untilHeard(from), others)
      }),
    )
    this.#linkedCount = this.#pages.length
    const go = Math.min(...goneAt)
    const all = Math.max(...heard.map(({ lastAt }) => lastAt)) - go
    return { all, first: (heard[1]?.firstAt ?? NaN) - go }
  }

  /** What the pages have sent and made so far, all together. */
  async sent() {
    const counts = await Promise.all(
      this.#pages.map((page) =>
        page.evaluate(() => {
          const { sends, sentBytes, connections } = window.outgoing
          return { sends, bytes: sentBytes, connections, signals: window.measures.signalsSent() }
        }),
      ),
    )
    return {
      sends: sum(counts.map(({ sends }) => sends)),
      bytes: sum(counts.map(({ bytes }) => bytes)),
      connections: sum(counts.map(({ connections }) => connections)),
      signals: sum(counts.map(({ signals }) => signals)),
    }
  }

  get names() {
    return this.#pages.map((_, i) => `p${i}`)
  }

  /** Fails if a page noticed anything that is wrong. */
  async check() {
    const failures = await Promise.all(
      this.#pages.map((page) => page.evaluate(() => window.measures.failures)),
    )
    const all = [
      ...failures.flatMap((list, i) => list.map((text) => `p${i}: ${text}`)),
      ...this.pool.complaints,
    ]
    this.pool.complaints = []
    if (all.length > 0) throw new Error(all.slice(0, 3).join('; '))
  }

  /** Ends what the pages do; they stay open. */
  async close() {
    await Promise.all(this.#pages.map((page) => this.#leave(page)))
    this.#pages = []
    this.#linkedCount = 0
  }

  /** @param {number} count */
  async #load(count) {
    const begin = this.#pages.length
    const indices = Array.from({ length: count }, (_, i) => begin + i)
    const pages = await Promise.all(
      indices.map(async (index) => {
        const page = await this.pool.page(index)
        await page.goto(this.site.url(this.contender))
        const options = /** @type {const} */ ([`p${index}`, this.server])
        await page.evaluate(([me, server]) => window.measures.prepare(me, server), options)
        await this.pool.profiler?.loaded(index, page)
        return page
      }),
    )
    this.#pages.push(...pages)
    return pages
  }

  /** @param {Page} page */
  #enter(page) {
    return page.evaluate((room) => window.measures.enter(room), this.room)
  }

  /** @param {Page} page */
  async #leave(page) {
    try {
      const patience = GOODBYE_MS
      await page.evaluate(
        (ms) => Promise.race([window.contender.leave(), new Promise((resolve) => setTimeout(resolve, ms))]),
        patience,
      )
    } finally {
      await page.goto('about:blank')
    }
  }
}
