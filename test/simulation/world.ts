import type { ChannelId, SessionId, UserId } from '../../src/base/ids.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { MemoryBrowser } from '../support/memory-browser.ts'
import { MemoryNetwork } from '../support/memory-network.ts'
import { MemoryRealm } from '../support/memory-realm.ts'
import { pass } from '../support/pass-time.ts'
import { SeededIssuer } from '../support/seeded-issuer.ts'
import { SignalFaults } from '../support/signal-faults.ts'
import { AnswerWatch } from './answer-watch.ts'
import { AttributeWatch } from './attribute-watch.ts'
import { Calls } from './calls.ts'
import { Dice } from './dice.ts'
import { GoodbyeWatch } from './goodbye-watch.ts'
import { LeftWatch } from './left-watch.ts'
import { LinkTimes } from './link-times.ts'
import type { Login } from './login.ts'
import { MemberWatch } from './member-watch.ts'
import { MessageBook } from './message-book.ts'
import { SimulatedPage } from './page.ts'
import { numberOf } from './numbered.ts'
import { PresenceWatch } from './presence-watch.ts'
import { Reach } from './reach.ts'
import { RelayFaults } from './relay-faults.ts'
import { Trace } from './trace.ts'
import { TrustWatch } from './trust-watch.ts'
import type { Witness } from './witness.ts'
import { WordWatch } from './word-watch.ts'

export const USERS = ['alice', 'bob', 'carol', 'dave', 'erin'] as unknown as readonly UserId[]
export const CHANNELS = ['red', 'green', 'blue'] as unknown as readonly ChannelId[]
/** Which browser each user is at home in: some share one, so that they are tabs of each other. */
const HOMES = [0, 0, 1, 2, 2]
const BROWSERS = 3
const LOOK_MS = 250

/** Engines, what they run on, what is done to them, and what is known of it all. */
export class World {
  readonly clock = new ManualClock()
  readonly realm = new MemoryRealm(this.clock)
  readonly network = new MemoryNetwork(this.clock)
  readonly trace = new Trace(this.clock)
  readonly browsers: readonly MemoryBrowser[]
  readonly signals: SignalFaults
  readonly relays: RelayFaults
  /** The server signs with the same key for ever; else with another after some of its restarts. */
  readonly hasSecret: boolean
  /** Browsers without a network. */
  readonly offline = new Set<MemoryBrowser>()
  /** Open pages. */
  readonly pages: SimulatedPage[] = []
  readonly logins = new Map<SessionId, Login>()
  /** Attributes of channels that were written, and answered with ok. */
  readonly writes: { login: Login; channelId: ChannelId; key: string; at: number }[] = []
  readonly book: MessageBook
  readonly goodbyes: GoodbyeWatch
  readonly answers: AnswerWatch
  readonly members: MemberWatch
  readonly presence: PresenceWatch
  readonly left: LeftWatch
  readonly words: WordWatch
  readonly attributes: AttributeWatch
  readonly trust: TrustWatch
  readonly calls: Calls
  readonly reach: Reach
  readonly linkTimes: LinkTimes
  /** Records that pages were believed to have verified, in the end. */
  renewedCount = 0
  /** The first thing that contradicts a promise. */
  failure: string | undefined
  private readonly dice: Dice
  private pageCount = 0
  private valueCount = 0

  constructor(private readonly seed: number) {
    this.dice = new Dice(seed, -1)
    this.hasSecret = seed % 2 === 1
    this.network.isSignalled = true
    this.realm.issuer = new SeededIssuer(this.realm.boot)
    this.network.random = this.dice.random
    this.signals = new SignalFaults(this.clock, this.dice.random)
    this.relays = new RelayFaults(this.clock, this.dice.random)
    this.browsers = Array.from({ length: BROWSERS }, () => new MemoryBrowser(this.clock))
    const broken = (sentence: string): void => this.broken(sentence)
    this.reach = new Reach(this)
    this.linkTimes = new LinkTimes(this)
    this.book = new MessageBook(this, broken)
    this.goodbyes = new GoodbyeWatch(this, broken)
    this.answers = new AnswerWatch(this, broken)
    this.members = new MemberWatch(this, broken)
    this.presence = new PresenceWatch(this, broken)
    this.words = new WordWatch(this, broken)
    this.attributes = new AttributeWatch(() => this.now, this.logins, broken)
    this.trust = new TrustWatch(broken)
    this.left = new LeftWatch(this, broken)
    this.calls = new Calls(
      () => this.now,
      (line) => this.trace.note(line),
      broken,
    )
  }

  get now(): number {
    return this.clock.now()
  }

  /** Another one each time, so that it is known who wrote what when. */
  nextValue(): number {
    return ++this.valueCount
  }

  get summary(): string {
    const results = new Map<string, number>()
    for (const { result } of this.book.all)
      results.set(result ?? 'none', (results.get(result ?? 'none') ?? 0) + 1)
    const counts = [...results].map(([result, count]) => `${count} ${result}`).join(', ')
    const renewed = this.renewedCount > 0 ? `, ${this.renewedCount} records under renewed credentials` : ''
    return `${this.logins.size} logins, ${this.book.all.length} messages (${counts})${renewed}`
  }

  broken(sentence: string): void {
    this.trace.note(`!!! ${sentence}`)
    this.failure ??= sentence
  }

  /** A new page of this user, in the browser that it is at home in, or in another. */
  open(userId: UserId, browser = this.home(userId)): SimulatedPage {
    const name = `${userId}#${++this.pageCount}`
    const dice = new Dice(this.seed, this.pageCount, -2)
    const page = new SimulatedPage(name, userId, browser, this, dice.random, this.witness())
    this.pages.push(page)
    return page
  }

  loggedIn(login: Login): void {
    this.logins.set(login.sessionId, login)
  }

  sayingGoodbye(page: SimulatedPage): void {
    this.goodbyes.says(page)
  }

  closed(page: SimulatedPage): void {
    this.pages.splice(this.pages.indexOf(page), 1)
  }

  async pass(ms: number): Promise<void> {
    const end = this.now + ms
    do {
      await pass(this.clock, Math.min(LOOK_MS, end - this.now))
      this.reach.look()
      this.linkTimes.look()
      this.calls.look()
      this.words.look()
      this.trust.look(this.pages, this.realm.issuer)
    } while (this.now < end && this.failure === undefined)
    for (const page of this.pages) {
      this.members.check(page)
      this.left.check(page)
    }
  }

  private home(userId: UserId): MemoryBrowser {
    const browser = this.browsers[HOMES[USERS.indexOf(userId)] ?? 0]
    if (!browser) throw new Error(`${userId} is at home nowhere`)
    return browser
  }

  private witness(): Witness<SimulatedPage> {
    const { trace, book, members, presence, left } = this
    const note = (page: SimulatedPage, what: string): void => trace.note(`${page.name}: ${what}`)
    return {
      saw: note,
      met: (page, sessionId) => {
        if (!this.logins.has(sessionId))
          this.broken(`${page.name} wants to be linked to ${sessionId}, who never logged in`)
      },
      stateChanged: (page, state, reason) => {
        note(page, `is ${state} (${reason})`)
        left.stateChanged(page, state)
      },
      peerMessage: (page, { content, isOffline }, from) => {
        const number = numberOf(content)
        note(page, `message ${number} from ${from}${isOffline ? ' (offline)' : ''}`)
        book.received(page, number, from, isOffline === true)
      },
      channelMessage: (page, channelId, { content }, from) => {
        const number = numberOf(content)
        note(page, `message ${number} from ${from.userId} in ${channelId}`)
        book.received(page, number, from.userId, false)
      },
      peersChanged: (page, statuses) => {
        note(page, statuses.map(({ userId, state }) => `${userId} is ${state}`).join(', '))
        presence.changed(page, statuses)
      },
      memberJoined: (page, channelId, member) => {
        note(page, `${member.userId} joined ${channelId}`)
        members.joined(page, channelId, member)
      },
      memberLeft: (page, channelId, member) => {
        note(page, `${member.userId} left ${channelId}`)
        members.left(page, channelId, member)
      },
    }
  }
}
