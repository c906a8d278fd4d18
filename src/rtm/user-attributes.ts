import type { Clock } from '../base/clock.ts'
import type { UserId } from '../base/ids.ts'
import type { Attribute, AttributeChange } from '../documents/attribute.ts'
import { MAX_USER_ATTRIBUTES_TOTAL_BYTES } from '../protocol/attribute-limits.ts'
import type { Peer } from '../protocol/peer.ts'
import { applyChange } from './attribute-change.ts'
import type { UserReadResult } from './attribute-reads.ts'
import { LatePart } from './late-part.ts'
import type { UserAttributeExchange, UserAttributeItem } from './user-attribute-exchange.ts'

export interface UserAttributesOptions {
  readonly clock: Clock
  readonly userId: UserId
  /** What takes attributes to others and from them; undefined if its file cannot be loaded now. */
  make(own: () => ReadonlyMap<string, string>): Promise<UserAttributeExchange | undefined>
}

/** The latest questions wait for the file. Whose is not answered times out, and asks again. */
const MAX_EARLY = 64

/**
 * The attributes of the user of one login, for itself and for whoever asks, and its reads of others'. What is
 * written lives as long as the login: in memory, whatever becomes of the connection.
 */
export class UserAttributes {
  private own: ReadonlyMap<string, string> = new Map()
  private readonly late: LatePart<UserAttributeExchange>
  private readonly early: [from: Peer, item: UserAttributeItem][] = []

  constructor(private readonly options: UserAttributesOptions) {
    this.late = new LatePart(
      options.clock,
      () => options.make(() => this.own),
      (exchange) => {
        for (const [from, item] of this.early.splice(0)) exchange.receive(from, item)
      },
    )
  }

  /** Changes the own attributes at once, or not at all. */
  write(change: AttributeChange): 'ok' | 'size-overflow' {
    const next = applyChange(this.own, change, MAX_USER_ATTRIBUTES_TOTAL_BYTES)
    if (next === 'size-overflow') return next
    this.own = next
    this.late.present?.written()
    return 'ok'
  }

  /** The attributes of any user, all or those with these keys; what the user has not is left out. */
  read(userId: UserId, keys: readonly string[] | undefined, done: (result: UserReadResult) => void): void {
    const pick = (all: readonly Attribute[]) => (keys ? all.filter(({ key }) => keys.includes(key)) : all)
    if (userId === this.options.userId)
      return done(pick([...this.own].map(([key, value]) => ({ key, value }))))
    this.late.call<UserReadResult>(
      ({ reads }, finish) => reads.read(userId, finish),
      (result) => done(typeof result === 'string' ? result : pick(result)),
    )
  }

  receive(from: Peer, item: UserAttributeItem): void {
    if (this.late.present) return this.late.present.receive(from, item)
    this.early.push([from, item])
    if (this.early.length > MAX_EARLY) this.early.shift()
    this.late.loadForOthers()
  }

  /** The session is over, or nobody hears of it. */
  ended({ sessionId }: Peer): void {
    this.late.present?.reads.ended(sessionId)
  }

  close(): void {
    this.late.close()
  }
}
