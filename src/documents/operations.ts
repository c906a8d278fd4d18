import { type Bytes, toHex } from '../base/bytes.ts'
import type { SessionId } from '../base/ids.ts'
import {
  type DocumentMessage,
  encodeDocumentMessage,
  OPERATION_ID_BYTES,
} from '../protocol/document-messages.ts'
import type { Peer } from '../protocol/peer.ts'
import type { Edition } from './edition.ts'

type Operation = Extract<DocumentMessage, { type: 'operation' }>

/** Operations of one neighbour that wait for what they are about. It sends no more before it is answered. */
const MAX_WAITING_OF_ONE = 512
/** Operations that were carried out are remembered, as they may come by several ways. */
const MAX_REMEMBERED = 4_096

interface Own {
  readonly notify: boolean
  readonly holders: ReadonlyMap<SessionId, Peer>
  readonly lacking: Set<SessionId>
  readonly done: (isHeld: boolean) => void
}

export interface OperationsOptions {
  randomBytes(count: number): Bytes
  send(peer: Peer, message: Bytes): void
  edition(): Edition | undefined
  /** Whether this session knows all members, or must ask others to tell them. */
  isMember(): boolean
  /** A write by somebody else is here, of which members are to be told. */
  notified(): void
  /** It is to be passed on to all members but the one it came from. */
  forward(message: Bytes, from: Peer): void
}

/** Who has a write: what this session wrote, until a holder has it, and what others wrote, until it is here. */
export class Operations {
  private readonly own = new Map<string, Own>()
  private readonly waiting = new Map<SessionId, Map<string, { from: Peer; operation: Operation }>>()
  private readonly carriedOut = new Set<string>()

  constructor(private readonly options: OperationsOptions) {}

  /** A write that the present edition has. `done` hears whether a holder has it, or that none of them is left (false). */
  tell(notify: boolean, holders: readonly Peer[], done: (isHeld: boolean) => void): void {
    const id = toHex(this.options.randomBytes(OPERATION_ID_BYTES))
    this.remember(id)
    const holderBySession = new Map(holders.map((peer) => [peer.sessionId, peer]))
    const own: Own = { notify, holders: holderBySession, lacking: new Set(holderBySession.keys()), done }
    this.own.set(id, own)
    this.send(id, own)
    this.settleIfNobodyIsLeft(id, own)
  }

  /** Another generation has taken over: what has no answer yet is said again in its terms. */
  switched(): void {
    for (const [id, own] of this.own) this.send(id, own)
  }

  /** A neighbour is gone. */
  left(sessionId: SessionId): void {
    this.waiting.delete(sessionId)
    for (const [id, own] of this.own) {
      own.lacking.delete(sessionId)
      this.settleIfNobodyIsLeft(id, own)
    }
  }

  receive(from: Peer, operation: Operation): void {
    const { id, notify, forward } = operation
    if (notify && forward && !this.carriedOut.has(id)) {
      this.options.forward(encodeDocumentMessage({ ...operation, forward: false }), from)
    }
    const ofOne = this.waiting.get(from.sessionId) ?? new Map()
    this.waiting.set(from.sessionId, ofOne)
    if (ofOne.size < MAX_WAITING_OF_ONE || ofOne.has(id)) ofOne.set(id, { from, operation })
    this.changed()
  }

  acknowledged(from: Peer, id: string): void {
    const own = this.own.get(id)
    if (!own?.lacking.has(from.sessionId)) return
    this.own.delete(id)
    own.done(true)
  }

  /** The edition has changed: operations may be here now. */
  changed(): void {
    const edition = this.options.edition()
    if (!edition) return
    for (const ofOne of this.waiting.values()) {
      for (const [id, { from, operation }] of ofOne) {
        if (operation.generation !== edition.generation.id) continue
        if (!edition.replica.covers(operation.stateVector)) continue
        ofOne.delete(id)
        void this.carryOut(edition, from, operation)
      }
    }
  }

  close(): void {
    this.own.clear()
    this.waiting.clear()
  }

  private async carryOut(edition: Edition, from: Peer, { id, notify }: Operation): Promise<void> {
    await edition.book.settled()
    this.options.send(from, encodeDocumentMessage({ type: 'acknowledgement', id }))
    if (this.carriedOut.has(id)) return
    this.remember(id)
    if (notify) this.options.notified()
  }

  private send(id: string, { notify, lacking, holders }: Own): void {
    const edition = this.options.edition()
    if (!edition) return
    const { stateVector } = edition.replica
    const message = encodeDocumentMessage({
      type: 'operation',
      id,
      notify,
      forward: !this.options.isMember(),
      generation: edition.generation.id,
      stateVector,
    })
    for (const [sessionId, peer] of holders) if (lacking.has(sessionId)) this.options.send(peer, message)
  }

  private settleIfNobodyIsLeft(id: string, own: Own): void {
    if (own.lacking.size > 0 || !this.own.delete(id)) return
    own.done(false)
  }

  private remember(id: string): void {
    this.carriedOut.add(id)
    for (const oldest of this.carriedOut) {
      if (this.carriedOut.size <= MAX_REMEMBERED) return
      this.carriedOut.delete(oldest)
    }
  }
}
