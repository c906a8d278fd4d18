import type { Clock } from '../../src/base/clock.ts'
import type { Log } from '../../src/base/logger.ts'
import type { NodeId, Session } from '../session.ts'
import type { Bus, Snapshot } from './bus.ts'
import type { News } from './cluster-messages.ts'
import type { Mirror } from './mirror.ts'
import { decodeRecord } from './session-record.ts'

/** A node of which nothing was heard for this long is gone: three beats stayed away. */
export const NODE_SILENT_MS = 6_000

/** More than anybody runs; each costs what its sessions cost. */
const MAX_NODES = 64
/** Changes that wait while a node is being read; beyond, it is read once more. */
const MAX_WAITING_CHANGES = 1_000
/** Sessions taken in at once, about 20 ms: sockets are served between them. */
const SESSIONS_PER_TURN = 500

type Change = Extract<News, { type: 'change' }>

interface Other {
  /** Of its last change that is in the mirror; undefined before it was read. */
  number: number | undefined
  heardAt: number
  isBeingRead: boolean
  readonly waiting: Change[]
}

/** Follows what the other nodes tell: in order, with nothing left out, and as long as they are there. */
export class OtherNodes {
  private readonly others = new Map<NodeId, Other>()

  constructor(
    private readonly bus: Bus,
    private readonly me: NodeId,
    private readonly mirror: Mirror,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  get count(): number {
    return this.others.size
  }

  hear(news: Exclude<News, { type: 'decision' }>): void {
    const { node } = news
    if (node === this.me) return
    if (news.type === 'stop') return this.lose(node, this.clock.now())
    const other = this.meet(node)
    if (!other) return
    other.heardAt = this.clock.now()
    if (news.type === 'change') this.take(node, other, news)
    else if (other.number === undefined || news.number > other.number) void this.read(node, other)
  }

  /** All that are there now. */
  async readAll(): Promise<void> {
    for (const node of await this.bus.nodes()) {
      const other = node === this.me ? undefined : this.meet(node)
      if (other) await this.read(node, other)
    }
  }

  noticeSilence(): void {
    const now = this.clock.now()
    for (const [node, { heardAt }] of this.others) {
      if (now - heardAt < NODE_SILENT_MS) continue
      this.log('warn', 'Another node of the cluster is gone; its sessions may come back elsewhere', { node })
      this.lose(node, heardAt)
      this.bus.forget(node)
    }
  }

  /** This process slept: what was not heard meanwhile proves nothing. */
  forgiveSilence(): void {
    for (const other of this.others.values()) other.heardAt = this.clock.now()
  }

  private lose(node: NodeId, heardAt: number): void {
    this.others.delete(node)
    this.mirror.loseAll(node, heardAt)
  }

  private meet(node: NodeId): Other | undefined {
    const known = this.others.get(node)
    if (known) return known
    if (this.others.size >= MAX_NODES) {
      this.log('error', 'A cluster has more nodes than it may have; this one is left out', { node })
      return undefined
    }
    const other: Other = { number: undefined, heardAt: this.clock.now(), isBeingRead: false, waiting: [] }
    this.others.set(node, other)
    return other
  }

  private take(node: NodeId, other: Other, change: Change): void {
    if (other.isBeingRead || other.number === undefined || change.number > other.number + 1) {
      if (other.waiting.length >= MAX_WAITING_CHANGES) other.waiting.length = 0
      other.waiting.push(change)
      if (!other.isBeingRead) void this.read(node, other)
    } else if (change.number === other.number + 1) {
      other.number = change.number
      for (const { sessionId, why, notice } of change.ended) this.mirror.end(node, sessionId, why, notice)
      for (const record of change.sessions) this.mirror.apply(node, record)
    }
  }

  private async read(node: NodeId, other: Other): Promise<void> {
    if (other.isBeingRead) return
    other.isBeingRead = true
    const snapshot = await this.bus.read(node)
    if (snapshot && this.isCurrent(node, other)) await this.show(node, other, snapshot)
    other.isBeingRead = false
    const waiting = other.waiting.splice(0)
    // It may not have written yet: its next sign of life is another reason to read.
    if (!snapshot || !this.isCurrent(node, other)) return
    for (const change of waiting) this.take(node, other, change)
  }

  private async show(node: NodeId, other: Other, { number, sessions }: Snapshot): Promise<void> {
    if (other.number !== undefined && number < other.number) return
    const shown = new Set<Session>()
    let count = 0
    for (const text of sessions.values()) {
      const record = decodeRecord(text)
      const session = record && this.mirror.apply(node, record)
      if (session) shown.add(session)
      if (++count % SESSIONS_PER_TURN > 0) continue
      await new Promise(setImmediate)
      if (!this.isCurrent(node, other)) return
    }
    this.mirror.retain(node, shown)
    other.number = number
  }

  private isCurrent(node: NodeId, other: Other): boolean {
    return this.others.get(node) === other
  }
}
