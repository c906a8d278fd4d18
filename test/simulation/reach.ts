import type { ManualClock } from '../support/manual-clock.ts'
import type { MemoryNetwork } from '../support/memory-network.ts'
import type { MemoryRealm } from '../support/memory-realm.ts'
import type { Login } from './login.ts'
import type { SimulatedPage } from './page.ts'

/** So long a time in which two could hear each other counts as contact: a beat comes every second. */
const CONTACT_MS = 3_000

/** Shorter times without a link matter to nobody. */
const NOTED_GAP_MS = 30_000

interface Span {
  /** Since when they could hear each other, without a gap. */
  since: number | undefined
  /** The beginning of the latest such time, the present one included. */
  lastSince: number
  /** The end of the latest time of `CONTACT_MS` or more. */
  last: number
}

interface Contact {
  readonly onAnyPath: Span
  readonly overLink: Span
  /** When there last was a link, and the longest times without, by their ends. */
  linkedAt: number
  readonly gaps: { readonly ms: number; readonly until: number }[]
}

export interface ReachOptions {
  readonly clock: ManualClock
  readonly network: MemoryNetwork
  readonly realm: MemoryRealm
  readonly pages: readonly SimulatedPage[]
}

/** Who could hear whom, and when, on any path. To be asked to look several times a second. */
export class Reach {
  private readonly contacts = new Map<string, Contact>()

  constructor(private readonly world: ReachOptions) {}

  look(): void {
    const logins = this.world.pages.map(({ login }) => login).filter((login) => login?.isAlive === true)
    for (const a of logins) for (const b of logins) if (a && b && a !== b) this.lookAt(a, b)
  }

  /** When these two last were in contact; undefined if they never were. */
  lastContact(observer: Login, other: Login): number | undefined {
    return this.contacts.get(`${observer.sessionId} ${other.sessionId}`)?.onAnyPath.last
  }

  /** The same of their links alone, which are heard whether or not anybody asks for the other. */
  lastLinkContact(observer: Login, other: Login): number | undefined {
    return this.contacts.get(`${observer.sessionId} ${other.sessionId}`)?.overLink.last
  }

  /** Whether they have been linked without a gap from one moment to another. */
  isLinkedThroughout(observer: Login, other: Login, from: number, to: number): boolean {
    const { overLink } = this.contacts.get(`${observer.sessionId} ${other.sessionId}`) ?? {}
    return overLink !== undefined && overLink.lastSince <= from && overLink.last >= to
  }

  /** For how long they had been linked without a gap at the last time that they were, counted from this moment on. */
  linkedMsSince(observer: Login, other: Login, since: number): number {
    const { overLink } = this.contacts.get(`${observer.sessionId} ${other.sessionId}`) ?? {}
    return overLink ? Math.max(0, overLink.last - Math.max(overLink.lastSince, since)) : 0
  }

  /** The longest time without a link that ended after this, the present one included. */
  longestGap(observer: Login, other: Login, since: number): number {
    const contact = this.contacts.get(`${observer.sessionId} ${other.sessionId}`)
    if (!contact) return Infinity
    const present = this.world.clock.now() - Math.max(contact.linkedAt, since)
    return Math.max(present, ...contact.gaps.filter(({ until }) => until > since).map(({ ms }) => ms))
  }

  /** Paths on which the observer hears the other now. */
  paths(observer: Login, other: Login): readonly string[] {
    const { network, realm, pages } = this.world
    const [a, b] = [observer, other].map((login) => pages.find((page) => page.login === login))
    if (!a || !b) return []
    if (!a.process.isAwake || !b.process.isAwake || a.isPaused || b.isPaused) return []
    const paths: string[] = []
    if (network.isJoined(observer.sessionId, other.sessionId) && network.beatLoss === 0) paths.push('link')
    if (a.browser === b.browser && a.tabs?.isUp === true && b.tabs?.isUp === true) paths.push('tabs')
    const isAtServer = realm.residents.get(other.sessionId)?.visitor !== undefined
    if (a.rendezvous?.isUp === true && b.rendezvous?.isUp === true && isAtServer) paths.push('server')
    return paths
  }

  private lookAt(observer: Login, other: Login): void {
    const now = this.world.clock.now()
    const key = `${observer.sessionId} ${other.sessionId}`
    const contact: Contact = this.contacts.get(key) ?? {
      onAnyPath: { since: undefined, lastSince: Infinity, last: -Infinity },
      overLink: { since: undefined, lastSince: Infinity, last: -Infinity },
      linkedAt: now,
      gaps: [],
    }
    this.contacts.set(key, contact)
    const paths = this.paths(observer, other)
    if (paths.includes('link') || paths.includes('tabs')) {
      if (now - contact.linkedAt > NOTED_GAP_MS) contact.gaps.push({ ms: now - contact.linkedAt, until: now })
      contact.linkedAt = now
    }
    extend(contact.onAnyPath, paths.length > 0, now)
    extend(contact.overLink, paths.includes('link'), now)
  }
}

function extend(span: Span, isHeard: boolean, now: number): void {
  span.since = isHeard ? (span.since ?? now) : undefined
  span.lastSince = span.since ?? span.lastSince
  if (span.since !== undefined && now - span.since >= CONTACT_MS) span.last = now
}
