import type { Cancel, Clock } from '../base/clock.ts'
import type { SessionId, UserId } from '../base/ids.ts'
import type { Attribute } from '../documents/attribute.ts'
import type * as documents from '../documents/documents.ts'
import type { UserReplica } from '../documents/user-replica.ts'
import type { Mesh } from '../mesh/mesh.ts'
import type { Owed } from '../mesh/outgoing-stream.ts'
import { encodeItem } from '../protocol/items.ts'
import type { Peer } from '../protocol/peer.ts'
import type { Directory } from './directory.ts'
import { timeouts } from './limits.ts'
import type { Whereabouts } from './whereabouts.ts'

type Documents = typeof documents

export type UserReadResult = readonly Attribute[] | 'user-not-found' | 'timeout' | 'overflow' | 'failure'

export interface AttributeReadsOptions {
  readonly clock: Clock
  readonly mesh: Pick<Mesh, 'send' | 'withdraw'>
  readonly directory: Directory
  readonly whereabouts: Whereabouts
  /** Undefined when they cannot be loaded now. */
  loadDocuments(): Promise<Documents | undefined>
}

/** Documents of others that are kept, so that only changes travel: of more users than most pages show at a time. */
const MAX_REPLICAS = 64

interface Asked {
  readonly peer: Peer
  readonly replica: UserReplica
  owed: Owed | undefined
}

/** One call that waits for a user's attributes. */
interface Reading {
  readonly number: number
  readonly userId: UserId
  /** Whose answer is waited for. */
  asked: Asked | undefined
  cancelSearch: Cancel
  finish(result: UserReadResult): void
}

/**
 * Reads of other users' attributes, answered by whatever session a user has now.
 *
 *     known session -------------> request --> answer: the attributes
 *     unknown --> find --> session --^   \
 *                     \                   +-> session over: find again
 *                      +-> none: user-not-found
 */
export class AttributeReads {
  private readonly readings = new Map<number, Reading>()
  /** The one that was used last is last. */
  private readonly replicas = new Map<SessionId, UserReplica>()
  private lastNumber = 0

  constructor(private readonly options: AttributeReadsOptions) {}

  read(userId: UserId, done: (result: UserReadResult) => void): void {
    const number = ++this.lastNumber
    const reading: Reading = {
      number,
      userId,
      asked: undefined,
      cancelSearch: () => undefined,
      finish: (result) => {
        if (!this.readings.delete(number)) return
        cancelTimeout()
        reading.cancelSearch()
        this.takeBack(reading)
        done(result)
      },
    }
    this.readings.set(number, reading)
    const cancelTimeout = this.options.clock.after(timeouts.attributesMs, () => reading.finish('timeout'))
    void this.ask(reading)
  }

  /** An answer; one that nobody waits for, or of somebody who was not asked, counts for nothing. */
  answered(from: Peer, number: number, update: Uint8Array): void {
    const reading = this.readings.get(number)
    if (reading?.asked?.peer.sessionId !== from.sessionId) return
    const { replica } = reading.asked
    replica.apply(update)
    reading.finish(replica.attributes)
  }

  /** The session is over: whoever waits for its answer asks the user's next one, if there is one. */
  ended(sessionId: SessionId): void {
    this.replicas.delete(sessionId)
    for (const reading of this.waitingFor(sessionId)) this.askAgain(reading)
  }

  close(): void {
    for (const reading of this.readings.values()) reading.finish('failure')
    this.replicas.clear()
  }

  private async ask(reading: Reading): Promise<void> {
    const documents = await this.options.loadDocuments()
    if (!documents) return reading.finish('failure')
    if (!this.readings.has(reading.number)) return
    reading.cancelSearch = this.options.whereabouts.locate(reading.userId, (where) => {
      if (where === 'nobody') reading.finish('user-not-found')
      else this.request(reading, where, documents)
    })
  }

  private request(reading: Reading, peer: Peer, documents: Documents): void {
    const asked: Asked = { peer, replica: this.replica(peer.sessionId, documents), owed: undefined }
    const { stateVector } = asked.replica
    const bytes = encodeItem({ kind: 'user-attributes-request', request: reading.number, stateVector })
    reading.asked = asked
    asked.owed = this.options.mesh.send(peer, bytes, (outcome) => {
      if (outcome === 'acknowledged' || reading.asked !== asked) return
      this.options.directory.forget(peer.userId, peer.sessionId)
      this.askAgain(reading)
    })
    if (!asked.owed) reading.finish('overflow')
  }

  private askAgain(reading: Reading): void {
    if (!this.readings.has(reading.number)) return
    this.takeBack(reading)
    void this.ask(reading)
  }

  /** Nobody waits for this session's answer any more: a question that has not left need not leave. */
  private takeBack(reading: Reading): void {
    const { asked } = reading
    reading.asked = undefined
    if (asked?.owed) this.options.mesh.withdraw(asked.peer, asked.owed)
  }

  private waitingFor(sessionId: SessionId): readonly Reading[] {
    return [...this.readings.values()].filter(({ asked }) => asked?.peer.sessionId === sessionId)
  }

  /** What was read of this session before, or a fresh one. */
  private replica(sessionId: SessionId, { UserReplica }: Documents): UserReplica {
    const known = this.replicas.get(sessionId)
    const replica = known && !known.isWornOut ? known : new UserReplica()
    this.replicas.delete(sessionId)
    this.replicas.set(sessionId, replica)
    for (const oldest of this.replicas.keys()) {
      if (this.replicas.size <= MAX_REPLICAS) break
      this.replicas.delete(oldest)
    }
    return replica
  }
}
