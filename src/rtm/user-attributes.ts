import type { UserId } from '../base/ids.ts'
import type { Attribute, AttributeChange } from '../documents/attribute.ts'
import type { UserDocument } from '../documents/user-document.ts'
import { MAX_USER_ATTRIBUTES_TOTAL_BYTES } from '../protocol/attribute-limits.ts'
import { encodeItem, type Item } from '../protocol/items.ts'
import type { Peer } from '../protocol/peer.ts'
import { AnswerBudget } from './answer-budget.ts'
import { applyChange } from './attribute-change.ts'
import { AttributeReads, type AttributeReadsOptions, type UserReadResult } from './attribute-reads.ts'

export interface UserAttributesOptions extends AttributeReadsOptions {
  readonly userId: UserId
}

/**
 * The attributes of the user of one login, for itself and for whoever asks, and its reads of others'. What is
 * written lives as long as the login: in memory, whatever becomes of the connection.
 */
export class UserAttributes {
  private own: ReadonlyMap<string, string> = new Map()
  /** The own attributes for others; made when somebody asks first. */
  private document: UserDocument | undefined
  private readonly reads: AttributeReads
  private readonly budget: AnswerBudget
  private isClosed = false

  constructor(private readonly options: UserAttributesOptions) {
    this.reads = new AttributeReads(options)
    this.budget = new AnswerBudget(options.clock)
  }

  /** Changes the own attributes at once, or not at all. */
  write(change: AttributeChange): 'ok' | 'size-overflow' {
    const next = applyChange(this.own, change, MAX_USER_ATTRIBUTES_TOTAL_BYTES)
    if (next === 'size-overflow') return next
    this.own = next
    this.document?.write(next)
    return 'ok'
  }

  /** The attributes of any user, all or those with these keys; what the user has not is left out. */
  read(userId: UserId, keys: readonly string[] | undefined, done: (result: UserReadResult) => void): void {
    const pick = (all: readonly Attribute[]) => (keys ? all.filter(({ key }) => keys.includes(key)) : all)
    if (userId === this.options.userId)
      return done(pick([...this.own].map(([key, value]) => ({ key, value }))))
    this.reads.read(userId, (result) => done(typeof result === 'string' ? result : pick(result)))
  }

  receive(from: Peer, item: Extract<Item, { request: number }>): void {
    if (item.kind === 'user-attributes') this.reads.answered(from, item.request, item.update)
    else if (this.budget.takeQuestion(from.sessionId, item.stateVector.byteLength))
      void this.answer(from, item.request, item.stateVector)
  }

  /** The session is over, or nobody hears of it. */
  ended({ sessionId }: Peer): void {
    this.reads.ended(sessionId)
  }

  close(): void {
    this.isClosed = true
    this.reads.close()
  }

  /** If that is not possible now, the other side's call times out, and its next one is answered. */
  private async answer(to: Peer, request: number, stateVector: Uint8Array): Promise<void> {
    const documents = await this.options.loadDocuments()
    // It may have asked much before the first answer was made.
    if (!documents || this.isClosed || !this.budget.hasLeft(to.sessionId)) return
    this.document ??= new documents.UserDocument(this.own)
    const update = this.document.update(stateVector)
    this.budget.spend(to.sessionId, update.byteLength)
    this.options.mesh.send(to, encodeItem({ kind: 'user-attributes', request, update }), () => undefined)
  }
}
