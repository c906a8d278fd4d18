import { randomBytes } from 'node:crypto'

import { type Cancel, type Clock, every } from '../../src/base/clock.ts'
import type { Log } from '../../src/base/logger.ts'
import type { Departure } from '../../src/protocol/server-messages.ts'
import type { Colleagues, Decision } from '../colleagues.ts'
import type { Claims, Directory } from '../directory.ts'
import type { Relay } from '../relay.ts'
import { type NodeId, type Outlet, peerOf, type Session } from '../session.ts'
import type { Bus, SharedClaim } from './bus.ts'
import { decodeDecision, decodeLetter, decodeNews, type Letter, type News } from './cluster-messages.ts'
import { Decisions, isOver } from './decisions.ts'
import { Mirror, type MirrorRooms } from './mirror.ts'
import { OtherNodes } from './other-nodes.ts'
import { Outbox } from './outbox.ts'
import { digestOf } from './shared-claim.ts'
import { SharedClaims } from './shared-claims.ts'

/** Three of them fit into `NODE_SILENT_MS`. */
const BEAT_PERIOD_MS = 2_000
/** A beat that comes this late means that this process slept. */
const LATE_BEAT_MS = 1_000
/** Users' keys are held again every tenth beat: three times in their lease. */
const BEATS_PER_HOLD = 10
/** After the bus was away others may take this long to come back to it: nobody is gone, and no roster is complete. */
const RETURN_GRACE_MS = 30_000
/** Sessions whose keys are held by one command, which others wait for: about a millisecond. */
const HELD_AT_ONCE = 100

export interface ClusterRooms extends MirrorRooms {
  readonly relay: Relay
}

/**
 * One node among others: tells them of its sessions, and has theirs in its directory.
 *
 *     away --- the bus is up ---> catching up --- written and read ---> whole
 *       ^                            |                                    |
 *       +-------- the bus is down ---+------------------------------------+
 */
export class Cluster implements Colleagues {
  readonly node = randomBytes(16).toString('hex') as NodeId
  private state: 'away' | 'catching up' | 'whole' = 'away'
  private report: (reason: string | undefined) => void = () => undefined
  private parts: { rooms: ClusterRooms; outbox: Outbox; others: OtherNodes } | undefined
  private readonly decisions = new Decisions()
  private caughtUp: Promise<void> = Promise.resolve()
  private era = 0
  /** Until then it is not known who else is there. */
  private graceUntil = 0
  private wasAway = false
  private hasComplained = false
  private hasComplainedOfRedis = false
  private stopBeating: Cancel = () => undefined

  constructor(
    readonly bus: Bus,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  /** Whether who is in no roster of this node is nowhere. */
  get isComplete(): boolean {
    return this.state === 'whole' && this.clock.now() >= this.graceUntil
  }

  claimsFor(directory: Directory): Claims {
    return new SharedClaims(this.bus, directory, this.clock)
  }

  /** Resolves when all that the others have is known, or when the first attempt to reach them failed. */
  async open(rooms: ClusterRooms, report: (reason: string | undefined) => void): Promise<void> {
    this.report = report
    report('Redis was not reached yet')
    const { bus, node, clock, log } = this
    const outbox = new Outbox(bus, node, rooms.directory, clock)
    const elsewhere = outletElsewhere(bus)
    const mirror = new Mirror(rooms, node, elsewhere, (session) => outbox.move(session), clock, log)
    this.parts = { rooms, outbox, others: new OtherNodes(bus, node, mirror, clock, log) }
    this.startBeating()
    await bus.open(node, {
      up: () => this.up(),
      down: (reason) => this.down(reason),
      news: (text) => this.hear(text),
      letter: (text) => this.receive(text),
    })
    await this.caughtUp
  }

  changed(session: Session): void {
    this.parts?.outbox.change(session)
  }

  ended(session: Session, why: Departure, notice: string | undefined): void {
    this.parts?.outbox.end(session, why, notice)
  }

  decided(decision: Decision): void {
    this.bus.keep(this.decisions.add(decision, this.clock.now()))
    this.announceDecision(decision)
  }

  pass(from: Session, to: Session, signal: string): void {
    if (!to.isElsewhere) return
    const sender = { appId: from.appId, from: peerOf(from) }
    const letter: Letter = { type: 'signal', node: this.node, ...sender, to: to.sessionId, signal }
    // Its node must know the sender before the answer comes.
    this.parts?.outbox.flush()
    void this.post(to.home as NodeId, letter).then((isTaken) => {
      if (!isTaken) this.parts?.rooms.relay.undeliverable(from, to.sessionId)
    })
  }

  /** The sessions of this node come back elsewhere. */
  async close(): Promise<void> {
    this.stopBeating()
    this.parts?.outbox.close()
    this.parts = undefined
    const news: News = { type: 'stop', node: this.node }
    this.bus.announce(JSON.stringify(news))
    await this.bus.close()
  }

  private up(): void {
    if (this.wasAway) this.graceUntil = this.clock.now() + RETURN_GRACE_MS
    this.state = 'catching up'
    this.report('What is in Redis is being read')
    this.caughtUp = this.catchUp()
  }

  private down(why: string): void {
    this.era += 1
    this.wasAway = true
    const sentence = 'Redis is away: this node goes on with what it knows'
    if (this.state !== 'away' || !this.hasComplainedOfRedis) this.log('error', sentence, { reason: why })
    this.hasComplainedOfRedis = true
    this.state = 'away'
    this.report(sentence)
  }

  /** Everything may be lost there, and anything may have happened elsewhere. */
  private async catchUp(): Promise<void> {
    const { bus, parts } = this
    const era = ++this.era
    if (!parts) return
    const { outbox, others } = parts
    outbox.write()
    this.holdAll()
    const kept = await bus.kept()
    for (const text of kept.values()) this.learn(decodeDecision(text))
    if (era !== this.era) return
    this.tellDecisions(kept)
    await others.readAll()
    if (era !== this.era) return
    this.state = 'whole'
    this.report(undefined)
    this.log('info', 'This node is one of a cluster', { otherNodes: others.count })
    await bus.beat(outbox.alive)
  }

  /** What was decided while the bus was away, or is lost there: others may have read what it keeps just before. */
  private tellDecisions(kept: ReadonlyMap<string, string>): void {
    const { all } = this.decisions
    this.bus.keep(all)
    for (const [name, text] of all) {
      const decision = kept.has(name) ? undefined : decodeDecision(text)
      if (decision) this.announceDecision(decision)
    }
  }

  private announceDecision(decision: Decision): void {
    const news: News = { type: 'decision', node: this.node, decision }
    this.bus.announce(JSON.stringify(news))
  }

  private startBeating(): void {
    let beats = 0
    let lastBeat = this.clock.now()
    this.stopBeating = every(this.clock, BEAT_PERIOD_MS, () => {
      const now = this.clock.now()
      if (now - lastBeat >= BEAT_PERIOD_MS + LATE_BEAT_MS) this.parts?.others.forgiveSilence()
      lastBeat = now
      beats += 1
      void this.beat(beats % BEATS_PER_HOLD === 0)
    })
  }

  private async beat(holds: boolean): Promise<void> {
    const { bus, parts, era } = this
    if (!parts) return
    const isKnown = await bus.beat(parts.outbox.alive)
    if (!bus.isUp || era !== this.era || this.state !== 'whole') return
    if (!isKnown) {
      this.log('warn', 'Redis has lost what this node told: it is told again')
      this.wasAway = true
      return this.up()
    }
    if (holds) this.holdAll()
    if (this.clock.now() >= this.graceUntil) parts.others.noticeSilence()
  }

  private holdAll(): void {
    let claims: SharedClaim[] = []
    for (const { identity, sessionId, loginTime, stay } of this.parts?.outbox.own() ?? []) {
      const { appId, userId } = identity
      const times = { loginTime, earliestLoginTime: loginTime, stay }
      claims.push({ appId, userId, sessionId, digest: digestOf(identity), ...times, isHeld: true })
      if (claims.length < HELD_AT_ONCE) continue
      this.bus.hold(claims)
      claims = []
    }
    if (claims.length > 0) this.bus.hold(claims)
  }

  private hear(text: string): void {
    const news = decodeNews(text)
    if (!news) return this.complain()
    if (news.node === this.node) return
    if (news.type === 'decision') this.learn(news.decision)
    else this.parts?.others.hear(news)
  }

  private receive(text: string): void {
    const letter = decodeLetter(text)
    if (!letter) return this.complain()
    const { relay, directory } = this.parts?.rooms ?? {}
    if (letter.type === 'undeliverable') {
      const sender = directory?.sessionById(letter.from)
      if (sender) relay?.undeliverable(sender, letter.to)
    } else if (!relay?.deliver(letter.appId, letter.from, letter.to, letter.signal)) {
      const { from, to, node } = letter
      void this.post(node, { type: 'undeliverable', node: this.node, from: from.sessionId, to })
    }
  }

  private learn(decision: Decision | undefined): void {
    if (!decision) return this.complain()
    const now = this.clock.now()
    const kept = this.decisions.add(decision, now)
    if (isOver(decision, now)) this.bus.keep(kept)
    else this.parts?.rooms.moderation.learn(decision)
  }

  private post(node: NodeId, letter: Letter): Promise<boolean> {
    return this.bus.post(node, JSON.stringify(letter))
  }

  /** Once: whoever writes such things may write many. */
  private complain(): void {
    if (this.hasComplained) return
    this.hasComplained = true
    this.log('warn', 'In Redis is something that no node of this version wrote; it is ignored')
  }
}

/** What is for a session of another node goes by `pass`, and news its node tells itself. */
function outletElsewhere(bus: Bus): Outlet {
  return {
    get isCongested() {
      return !bus.isUp
    },
    send: () => undefined,
    sendFrame: () => undefined,
    end: () => undefined,
  }
}
