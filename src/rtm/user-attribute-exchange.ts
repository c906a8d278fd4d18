import type { UserDocument } from '../documents/user-document.ts'
import { encodeItem, type Item } from '../protocol/items.ts'
import type { Peer } from '../protocol/peer.ts'
import { AnswerBudget } from './answer-budget.ts'
import { AttributeReads, type AttributeReadsOptions } from './attribute-reads.ts'

export type UserAttributeItem = Extract<Item, { request: number }>

export interface UserAttributeExchangeOptions extends AttributeReadsOptions {
  /** The attributes of this login's user as they are now. */
  own(): ReadonlyMap<string, string>
}

/** Attributes of users on their way: of this one to whoever asks, of others to this page. */
export class UserAttributeExchange {
  readonly reads: AttributeReads
  /** The own attributes for others; made when somebody asks first. */
  private document: UserDocument | undefined
  private readonly budget: AnswerBudget
  private isClosed = false

  constructor(private readonly options: UserAttributeExchangeOptions) {
    this.reads = new AttributeReads(options)
    this.budget = new AnswerBudget(options.clock)
  }

  /** The own attributes have changed. */
  written(): void {
    this.document?.write(this.options.own())
  }

  receive(from: Peer, item: UserAttributeItem): void {
    if (item.kind === 'user-attributes') this.reads.answered(from, item.request, item.update)
    else if (this.budget.takeQuestion(from.sessionId, item.stateVector.byteLength))
      void this.answer(from, item.request, item.stateVector)
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
    this.document ??= new documents.UserDocument(this.options.own())
    const update = this.document.update(stateVector)
    this.budget.spend(to.sessionId, update.byteLength)
    this.options.mesh.send(to, encodeItem({ kind: 'user-attributes', request, update }), () => undefined)
  }
}
