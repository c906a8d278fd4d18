import { type Bytes, toHex } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import type { SessionId } from '../base/ids.ts'
import {
  type DocumentMessage,
  encodeDocumentMessage,
  OPERATION_ID_BYTES,
} from '../protocol/document-messages.ts'
import type { Peer } from '../protocol/peer.ts'
import { Allowance } from './allowance.ts'
import type { Edition } from './edition.ts'
import { covers, decodeState, type State } from './inspection.ts'
import type { Timers } from './timers.ts'

type Operation = Extract<DocumentMessage, { type: 'operation' }>

/** Operations of one neighbour that wait for what they are about, and how much of their state vectors. */
const MAX_WAITING = 512
const MAX_WAITING_BYTES = 256 * 1024
/** Operations that were carried out are remembered, as they may come by several ways. */
const MAX_REMEMBERED = 4_096
/** Own writes that somebody has, and somebody else has not said so: for a while they are said again after a switch. */
const MAX_UNHEARD = 64
const SAID_AGAIN_MS = 60_000
/** Own writes that nobody has. Their callers have given up long before there are so many. */
const MAX_OWN = 2_048
/** The same for what is passed on: a visitor may write ten times in five seconds. */
const MAX_FORWARDED = 32
const MAX_FORWARDS = 20
const FORWARDS_MS = 5_000
/** What an operation is about comes at the same moment by another way; else something is wrong with that. */
const PATIENCE_MS = 2_000

interface Own {
  readonly since: number
  readonly notify: boolean
  readonly audience: ReadonlyMap<SessionId, Peer>
  readonly lacking: Set<SessionId>
  /** Those of whom one has to have it. */
  readonly holders: Set<SessionId>
  /** Called once. */
  done: ((isHeld: boolean) => void) | undefined
}

interface Waiting {
  readonly operation: Operation
  readonly state: State
}

/** What one neighbour told of. */
interface Received {
  readonly from: Peer
  readonly waiting: Map<string, Waiting>
  readonly forwards: Allowance
  waitingBytes: number
  isLookDue: boolean
}

export interface OperationsOptions {
  readonly clock: Clock
  readonly timers: Timers
  randomBytes(count: number): Bytes
  send(peer: Peer, message: Bytes): void
  edition(): Edition | undefined
  /** Whether this session knows all members, or must ask others to tell them. */
  isMember(): boolean
  /** A write by somebody else is here, of which members are to be told. */
  notified(): void
  /** What it told of does not come. */
  lacking(from: Peer): void
  /** It is to be passed on to all members but the one it came from. */
  forward(message: Bytes, from: Peer): void
}

/** Who has a write: what this session wrote, until all have it, and what others wrote, until it is here. */
export class Operations {
  private readonly own = new Map<string, Own>()
  private readonly received = new Map<SessionId, Received>()
  private readonly carriedOut = new Set<string>()
  private readonly forwarded = new Map<string, { readonly from: Peer; readonly since: number }>()
  private isClosed = false

  constructor(private readonly options: OperationsOptions) {}

  /**
   * A write that the present edition has: all of the audience are told. Resolves with whether one of the holders among
   * them has it, or that none of them is left (false).
   */
  tell(notify: boolean, audience: readonly Peer[], holders: readonly Peer[]): Promise<boolean> {
    const id = toHex(this.options.randomBytes(OPERATION_ID_BYTES))
    this.remember(id)
    return new Promise((done) => {
      const own: Own = {
        since: this.options.clock.now(),
        notify,
        audience: new Map(audience.map((peer) => [peer.sessionId, peer])),
        lacking: new Set(audience.map(({ sessionId }) => sessionId)),
        holders: new Set(holders.map(({ sessionId }) => sessionId)),
        done,
      }
      this.own.set(id, own)
      this.send(id, own)
      this.settle(id, own)
      this.dropOldest()
    })
  }

  /** Another generation has taken over: what somebody may not have heard of is said again in its terms. */
  switched(): void {
    const from = this.options.clock.now() - SAID_AGAIN_MS
    for (const [id, own] of this.own) if (own.done || own.since > from) this.send(id, own)
    for (const [id, { from: author, since }] of this.forwarded) if (since > from) this.forward(id, author)
    this.changed()
  }

  /** A neighbour is gone. */
  left(sessionId: SessionId): void {
    this.received.delete(sessionId)
    for (const [id, own] of this.own) {
      own.lacking.delete(sessionId)
      own.holders.delete(sessionId)
      this.settle(id, own)
    }
  }

  receive(from: Peer, operation: Operation): void {
    const state = decodeState(operation.stateVector)
    const received = this.receivedFrom(from)
    const { waiting } = received
    if (!state || this.isClosed) return
    this.drop(received, operation.id)
    waiting.set(operation.id, { operation, state })
    received.waitingBytes += operation.stateVector.byteLength
    for (const oldest of waiting.keys()) {
      if (waiting.size <= MAX_WAITING && received.waitingBytes <= MAX_WAITING_BYTES) break
      this.drop(received, oldest)
    }
    this.changed()
    if (waiting.size > 0) this.lookLater(received)
  }

  acknowledged(from: Peer, id: string): void {
    const own = this.own.get(id)
    if (!own?.lacking.delete(from.sessionId)) return
    own.done?.(true)
    own.done = undefined
    this.settle(id, own)
  }

  /** The edition has changed: operations may be here now. */
  changed(): void {
    const edition = this.options.edition()
    if (!edition || this.isClosed) return
    const { state } = edition.replica
    for (const received of this.received.values()) {
      for (const [id, { operation, state: needs }] of received.waiting) {
        if (operation.generation !== edition.generation.id || !covers(state, needs)) continue
        this.drop(received, id)
        void this.carryOut(edition, received, operation)
      }
    }
  }

  /** Whoever waits goes on: what was written is here. */
  close(): void {
    this.isClosed = true
    for (const { done } of this.own.values()) done?.(false)
    this.own.clear()
    this.received.clear()
  }

  private async carryOut(
    edition: Edition,
    received: Received,
    { id, notify, forward }: Operation,
  ): Promise<void> {
    await edition.book.settled()
    if (this.isClosed) return
    const { from } = received
    this.options.send(from, encodeDocumentMessage({ type: 'acknowledgement', id }))
    if (this.carriedOut.has(id)) return
    this.remember(id)
    if (!notify) return
    this.options.notified()
    if (!forward || !received.forwards.take()) return
    this.forwarded.set(id, { from, since: this.options.clock.now() })
    dropOldest(this.forwarded, MAX_FORWARDED)
    this.forward(id, from)
  }

  private lookLater(received: Received): void {
    if (received.isLookDue) return
    received.isLookDue = true
    this.options.timers.after(PATIENCE_MS, () => {
      received.isLookDue = false
      if (received.waiting.size > 0) this.options.lacking(received.from)
    })
  }

  /** In terms of what is here: whoever has all of that has what it is about. */
  private forward(id: string, from: Peer): void {
    const message = this.message(id, true, false)
    if (message) this.options.forward(message, from)
  }

  private send(id: string, { notify, audience, lacking }: Own): void {
    const message = this.message(id, notify, !this.options.isMember())
    if (!message) return
    for (const [sessionId, peer] of audience) if (lacking.has(sessionId)) this.options.send(peer, message)
  }

  private message(id: string, notify: boolean, forward: boolean): Bytes | undefined {
    const edition = this.options.edition()
    if (!edition) return undefined
    const { stateVector } = edition.replica
    const generation = edition.generation.id
    return encodeDocumentMessage({ type: 'operation', id, notify, forward, generation, stateVector })
  }

  private receivedFrom(from: Peer): Received {
    const known = this.received.get(from.sessionId)
    if (known) return known
    const forwards = new Allowance(this.options.clock, MAX_FORWARDS, FORWARDS_MS)
    const received = { from, waiting: new Map(), forwards, waitingBytes: 0, isLookDue: false }
    this.received.set(from.sessionId, received)
    return received
  }

  private drop(received: Received, id: string): void {
    received.waitingBytes -= received.waiting.get(id)?.operation.stateVector.byteLength ?? 0
    received.waiting.delete(id)
  }

  private settle(id: string, own: Own): void {
    if (own.holders.size === 0) {
      own.done?.(false)
      own.done = undefined
    }
    if (own.lacking.size === 0) this.own.delete(id)
  }

  private dropOldest(): void {
    const heard = [...this.own].filter(([, { done }]) => !done)
    for (const [id] of heard.slice(0, -MAX_UNHEARD)) this.own.delete(id)
    for (const [id, { done }] of this.own) {
      if (this.own.size <= MAX_OWN) return
      this.own.delete(id)
      done?.(false)
    }
  }

  private remember(id: string): void {
    this.carriedOut.add(id)
    dropOldest(this.carriedOut, MAX_REMEMBERED)
  }
}

function dropOldest(collection: Map<string, unknown> | Set<string>, limit: number): void {
  for (const key of collection.keys()) {
    if (collection.size <= limit) return
    collection.delete(key)
  }
}
