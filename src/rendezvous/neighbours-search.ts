import type { Cancel, Clock } from '../base/clock.ts'
import type { ChannelId, SessionId, UserId } from '../base/ids.ts'
import { MAX_ASKED } from '../protocol/neighbour-messages.ts'
import { isLaterLogin, type Peer } from '../protocol/peer.ts'
import type { Introduced } from './neighbours-questions.ts'
import { MAX_HOLDERS } from './rendezvous.ts'

/** What is asked for within this time is asked together: whoever waits for an answer asks again twice a second. */
const TOGETHER_MS = 50

export interface SearchQuestion {
  readonly userIds: readonly UserId[]
  readonly channelIds: readonly ChannelId[]
  answered(introduced: readonly Introduced[]): void
  over(): void
}

interface Search {
  readonly userIds: Set<UserId>
  readonly found: Map<UserId, Peer>
  readonly done: ((found: ReadonlyMap<UserId, Peer>) => void)[]
}

/** Users who are looked for, all at once where many are. */
export class NeighbourSearch {
  /** What is asked next. */
  private next: Search | undefined
  private cancelNext: Cancel = () => undefined
  private lastAsked = -Infinity

  constructor(
    private readonly clock: Clock,
    private readonly ask: (question: SearchQuestion) => void,
  ) {}

  /** Undefined if nobody knows any of them: they may be elsewhere. */
  find(userIds: readonly UserId[]): Promise<readonly Peer[] | undefined> {
    const wanted = new Set(userIds)
    return new Promise((resolve) => {
      const search = this.searchWithRoomFor(wanted.size)
      for (const userId of wanted) search.userIds.add(userId)
      search.done.push((found) => {
        const peers = [...found.values()].filter(({ userId }) => wanted.has(userId))
        resolve(peers.length > 0 ? peers : undefined)
      })
      this.askSoon()
    })
  }

  /** Members of a channel, as far as anybody knows of some. */
  holders(channelId: ChannelId): Promise<readonly Peer[] | undefined> {
    const found = new Map<SessionId, Peer>()
    return new Promise((resolve) => {
      this.ask({
        userIds: [],
        channelIds: [channelId],
        answered: (introduced) => {
          for (const { peer } of introduced) if (found.size < MAX_HOLDERS) found.set(peer.sessionId, peer)
        },
        over: () => resolve(found.size > 0 ? [...found.values()] : undefined),
      })
    })
  }

  giveUp(): void {
    this.cancelNext()
    const { next } = this
    this.next = undefined
    for (const done of next?.done ?? []) done(new Map())
  }

  private searchWithRoomFor(count: number): Search {
    if (this.next && this.next.userIds.size + count > MAX_ASKED) this.askNow()
    this.next ??= { userIds: new Set(), found: new Map(), done: [] }
    return this.next
  }

  private askSoon(): void {
    this.cancelNext()
    const waitMs = this.lastAsked + TOGETHER_MS - this.clock.now()
    if (waitMs <= 0) return this.askNow()
    this.cancelNext = this.clock.after(waitMs, () => this.askNow())
  }

  private askNow(): void {
    const search = this.next
    if (!search) return
    this.next = undefined
    this.cancelNext()
    this.lastAsked = this.clock.now()
    this.ask({
      userIds: [...search.userIds].slice(0, MAX_ASKED),
      channelIds: [],
      answered: (introduced) => {
        for (const { peer } of introduced) {
          const known = search.found.get(peer.userId)
          if (!known || isLaterLogin(peer, known)) search.found.set(peer.userId, peer)
        }
      },
      over: () => {
        for (const done of search.done) done(search.found)
      },
    })
  }
}
