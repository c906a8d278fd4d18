import type { Clock } from '../../src/base/clock.ts'
import type { SessionId } from '../../src/base/ids.ts'
import type { Departure } from '../../src/protocol/server-messages.ts'
import type { Directory } from '../directory.ts'
import type { NodeId, Session } from '../session.ts'
import type { Bus } from './bus.ts'
import { MAX_CHANGED_SESSIONS, type News } from './cluster-messages.ts'
import { recordOf } from './session-record.ts'

type ChangeNews = Extract<News, { type: 'change' }>
type Ended = ChangeNews['ended'][number]

/** What this node tells of its own sessions: whatever has changed in one turn of the event loop goes together. */
export class Outbox {
  private number = 0
  private readonly waiting = new Set<Session>()
  private readonly ended = new Map<SessionId, Ended>()
  /** They are another node's to tell of. */
  private readonly moved = new Set<SessionId>()
  private soon: NodeJS.Immediate | undefined

  constructor(
    private readonly bus: Bus,
    private readonly node: NodeId,
    private readonly directory: Directory,
    private readonly clock: Clock,
  ) {}

  change(session: Session): void {
    if (session.home !== 'here' || this.directory.sessionById(session.sessionId) !== session) return
    this.waiting.add(session)
    this.flushSoon()
  }

  end(session: Session, why: Departure, notice: string | undefined): void {
    if (session.home !== 'here') return
    this.waiting.delete(session)
    this.ended.set(session.sessionId, { sessionId: session.sessionId, why, ...(notice && { notice }) })
    this.bus.release(session)
    this.flushSoon()
  }

  move(session: Session): void {
    this.waiting.delete(session)
    this.moved.add(session.sessionId)
    this.flushSoon()
  }

  /** What waits is on its way before anything that is sent from now on. */
  flush(): void {
    this.cancel()
    // All of it is written when the bus is up again.
    if (!this.bus.isUp) return this.forget()
    while (this.waiting.size + this.ended.size + this.moved.size > 0) this.tell()
  }

  /** All sessions of this node, as they are now. */
  write(): void {
    this.cancel()
    this.forget()
    const now = this.clock.now()
    const sessions = new Map<SessionId, string>()
    for (const session of this.own()) sessions.set(session.sessionId, JSON.stringify(recordOf(session, now)))
    this.bus.write({ number: ++this.number, sessions })
  }

  *own(): Iterable<Session> {
    for (const session of this.directory.sessions()) if (session.home === 'here') yield session
  }

  /** That this node is there, and what it told last. */
  get alive(): string {
    const news: News = { type: 'alive', node: this.node, number: this.number }
    return JSON.stringify(news)
  }

  close(): void {
    this.cancel()
    this.forget()
  }

  private tell(): void {
    const ended = take(this.ended.values(), MAX_CHANGED_SESSIONS)
    for (const { sessionId } of ended) this.ended.delete(sessionId)
    const moved = take(this.moved, MAX_CHANGED_SESSIONS)
    for (const sessionId of moved) this.moved.delete(sessionId)
    // Who ended and came again in the same turn is told of after its end.
    const changed = this.ended.size > 0 ? [] : take(this.waiting, MAX_CHANGED_SESSIONS)
    for (const session of changed) this.waiting.delete(session)

    const now = this.clock.now()
    const records = changed.map((session) => [session.sessionId, recordOf(session, now)] as const)
    const sessions = new Map<SessionId, string | undefined>()
    for (const sessionId of [...ended.map(({ sessionId: id }) => id), ...moved])
      sessions.set(sessionId, undefined)
    for (const [sessionId, record] of records) sessions.set(sessionId, JSON.stringify(record))
    const number = ++this.number
    const news: ChangeNews = {
      type: 'change',
      node: this.node,
      number,
      sessions: records.map(([, record]) => record),
      ended,
    }
    this.bus.change({ number, sessions, news: JSON.stringify(news) })
  }

  private flushSoon(): void {
    this.soon ??= setImmediate(() => this.flush())
  }

  private cancel(): void {
    clearImmediate(this.soon)
    this.soon = undefined
  }

  private forget(): void {
    for (const waiting of [this.waiting, this.ended, this.moved]) waiting.clear()
  }
}

function take<Item>(items: Iterable<Item>, count: number): Item[] {
  const taken: Item[] = []
  for (const item of items) {
    if (taken.length === count) break
    taken.push(item)
  }
  return taken
}
