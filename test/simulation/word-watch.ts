import type { ChannelId, SessionId } from '../../src/base/ids.ts'
import type { MemoryNetwork } from '../support/memory-network.ts'
import type { Login } from './login.ts'
import type { SimulatedPage } from './page.ts'
import type { Reach } from './reach.ts'

/** What is said on a link arrives within 600 ms, and a member that joins asks who is there for 400 ms. */
const HEARD_AFTER_MS = 3_000
/** Contact is looked at 4 times a second, and counts after 3 s. */
const LOOK_MS = 300
const LINKED_SINCE_MS = 4_000

type Word = 'has joined' | 'has left'

interface Said {
  readonly at: number
  readonly by: Login
  readonly word: Word
  readonly channelId: ChannelId
}

export interface WordWorld {
  readonly now: number
  readonly reach: Reach
  readonly pages: readonly SimulatedPage[]
  readonly network: MemoryNetwork
  readonly logins: ReadonlyMap<SessionId, Login>
}

/**
 * What a session says itself of its channels, over its links, while it has no rendezvous that tells: that it joins,
 * and leaves. Who is linked to it and in the channel knows of it soon, and from nobody else (`GoodbyeWatch`: that it logs out).
 */
export class WordWatch {
  private said: readonly Said[] = []

  constructor(
    private readonly world: WordWorld,
    private readonly broken: (sentence: string) => void,
  ) {}

  /** To be told before it is said. */
  says(page: SimulatedPage, word: Word, channelIds: Iterable<ChannelId>): void {
    const { login, session } = page
    if (!login || session?.isUp !== false) return
    const at = this.world.now
    this.said = [...this.said, ...[...channelIds].map((channelId) => ({ at, by: login, word, channelId }))]
  }

  look(): void {
    if (this.said.length === 0) return
    const due = this.said.filter(({ at }) => at <= this.world.now - HEARD_AFTER_MS)
    this.said = this.said.filter((said) => !due.includes(said))
    for (const said of due) for (const page of this.world.pages) this.check(said, page)
  }

  private check(said: Said, page: SimulatedPage): void {
    const { at, by, word, channelId } = said
    const { reach, network } = this.world
    const { login: hearer, process } = page
    if (!hearer || hearer === by || !hearer.isIn(channelId) || !this.isLatest(said)) return
    const { joinedAt = Infinity } = hearer.channels.get(channelId) ?? {}
    if (joinedAt > at || page.awakeSince > at || !process.isAwake || process.throttleMs > 0) return
    if (hearer.saidGoodbyeAt > at || by.saidGoodbyeAt > at - HEARD_AFTER_MS) return
    if (!reach.isLinkedThroughout(hearer, by, at - LINKED_SINCE_MS, at - LOOK_MS)) return
    // What comes between the two of them may have taken the word with it, which is said again over their next link.
    const cable = network.cableThatJoins(hearer.sessionId, by.sessionId)
    if (!cable || cable.faultAt > at - LINKED_SINCE_MS) return
    const members = page.session?.channels.room(channelId)?.members ?? []
    const isListed = members.some(({ sessionId }) => sessionId === by.sessionId)
    if (isListed !== (word === 'has joined'))
      this.broken(`${page.name} has not heard that ${by.name} ${word} ${channelId}, and is linked to it`)
  }

  /** Nothing that it did since makes it untrue, and no other login of its user. */
  private isLatest({ at, by, word, channelId }: Said): boolean {
    const { joinedAt = -Infinity, leftAt = -Infinity } = by.channels.get(channelId) ?? {}
    const others = [...this.world.logins.values()].filter(({ userId }) => userId === by.userId)
    if (others.some((other) => other !== by && (other.end?.at ?? Infinity) > at - HEARD_AFTER_MS))
      return false
    if (word === 'has joined') return by.isAlive && joinedAt === at
    return leftAt === at && joinedAt < at
  }
}
