import type { SessionId, UserId } from '../base/ids.ts'
import { isLaterLogin, type Member, type Peer } from '../protocol/peer.ts'
import { PastJoins } from './past-joins.ts'
import { Sighting } from './sighting.ts'

export interface MembershipEvents {
  joined(member: Member): void
  left(member: Member): void
}

export interface MembershipOptions {
  /** When it was last heard directly. */
  lastHeard(sessionId: SessionId): number | undefined
  /** Whether this session keeps a link to it, or tries to. */
  isSought(sessionId: SessionId): boolean
}

interface Entry {
  member: Member
  readonly sighting: Sighting
  /** Neither it nor a rendezvous that keeps lists has said so. */
  isHearsay: boolean
}

/** Sessions of which neighbours know less. */
const MAX_UNHEARD = 1_024

/** Who else is in one channel, from everything that this session hears about it; each change is told once. */
export class Membership {
  private readonly entries = new Map<UserId, Entry>()
  /** Those that were left: late news of before does not bring anybody back. */
  private readonly left = new PastJoins()
  /** Those of members that were not heard any more. They may still be there, or have left without this session hearing it. */
  private readonly silent = new PastJoins()
  /** Of which neighbours know less: they were named and never heard here, or are over. Until they are heard or vouched for. */
  private readonly unheard = new Set<SessionId>()

  constructor(
    private readonly options: MembershipOptions,
    private readonly events: MembershipEvents,
  ) {}

  get members(): readonly Member[] {
    return [...this.entries.values()].map(({ member }) => member)
  }

  get size(): number {
    return this.entries.size
  }

  /** Whether this session is the user's in the channel. */
  has(peer: Peer): boolean {
    return this.entryOf(peer) !== undefined
  }

  /** Whether it has been in the channel under this join: what it said then is a member's word, however late it comes. */
  wasIn({ sessionId }: Peer, incarnation: number): boolean {
    return this.left.has(sessionId, incarnation) || this.silent.has(sessionId, incarnation)
  }

  /** Whether any of these is online: heard of late, on whatever path. */
  isAnyOnline(members: Iterable<Member>, now: number): boolean {
    for (const member of members) {
      const entry = this.entryOf(member)
      if (entry && !entry.sighting.isSilent(this.heard(entry), now)) return true
    }
    return false
  }

  /**
   * The whole list as a rendezvous knows it. Those who are missing are gone unless they are heard directly; when the
   * rendezvous forgot everybody (`mayRemove` false), they have the usual time to come back to it.
   */
  replace(members: readonly Member[], mayRemove: boolean, now: number): void {
    const present = new Set(members.map(({ sessionId }) => sessionId))
    for (const entry of [...this.entries.values()]) {
      if (present.has(entry.member.sessionId)) continue
      entry.sighting.missing(mayRemove, now)
      this.removeSilent(entry, now)
    }
    for (const member of members) this.join(member)
  }

  /** It is in the channel, says a rendezvous. */
  join(member: Member): void {
    this.add(member, true)
  }

  /** It sent a message under this join; news of it may not have come yet. */
  heardIn(peer: Peer, incarnation: number): void {
    this.add({ ...peer, incarnation }, false)
  }

  /**
   * Neighbours name it. One that this session looks for itself has the usual time to be heard, once; of others their
   * word counts. What they say of which join it was may be wrong.
   */
  introduce(member: Member, now: number): void {
    const known = this.entryOf(member)
    const isSought = this.options.isSought(member.sessionId)
    if (known && !isSought) known.sighting.introduced(now)
    if (known || this.unheard.has(member.sessionId)) return
    this.add(member, false)
    const entry = this.entryOf(member)
    if (!entry) return
    entry.isHearsay = true
    entry.sighting.introduced(now)
  }

  /** It left of its own will. News about an earlier join than the present one are late. */
  leave(member: Member): void {
    this.left.remember(member)
    const entry = this.entryOf(member)
    if (entry && (entry.isHearsay || entry.member.incarnation <= member.incarnation)) this.remove(entry)
  }

  /** Its session is over. Neighbours may hear of it later, and name it meanwhile. */
  end(peer: Peer): void {
    this.rememberUnheard(peer.sessionId)
    this.silent.forget(peer.sessionId)
    const entry = this.entryOf(peer)
    if (entry) this.remove(entry)
  }

  /** The rendezvous does not hear it any more. */
  lost(peer: Peer, now: number): void {
    const entry = this.entryOf(peer)
    if (!entry) return
    entry.sighting.lost()
    this.removeSilent(entry, now)
  }

  /** The rendezvous has heard nothing of it for a while. Whether it is lost is for the rendezvous to say, or `gone`. */
  unreachable(peer: Peer, silentMs: number, now: number): void {
    this.entryOf(peer)?.sighting.unreachable(silentMs, now)
  }

  /** The rendezvous hears it again. */
  reachable(peer: Peer): void {
    this.entryOf(peer)?.sighting.reachable()
  }

  /** The rendezvous cannot be reached: from now on it vouches for nobody. */
  rendezvousLost(now: number): void {
    for (const { sighting } of this.entries.values()) sighting.rendezvousLost(now)
  }

  /** This page slept: what was not heard meanwhile proves nothing. */
  excuse(now: number): void {
    for (const { sighting } of this.entries.values()) sighting.excuse(now)
  }

  /** To be called now and then: removes who is not heard any more on any path. */
  sweep(now: number): void {
    for (const entry of [...this.entries.values()]) this.removeSilent(entry, now)
  }

  /** This session leaves: nobody is told anything more. */
  close(): void {
    this.entries.clear()
  }

  private add(member: Member, isVouchedFor: boolean): void {
    if (this.left.has(member.sessionId, member.incarnation)) return
    this.unheard.delete(member.sessionId)
    const entry = this.entries.get(member.userId)
    if (entry?.member.sessionId === member.sessionId) {
      const atLeast = entry.isHearsay ? 0 : entry.member.incarnation
      const incarnation = Math.max(member.incarnation, atLeast)
      entry.isHearsay = false
      // A local session that a server accepts has the server's login time; a link knows only that of before.
      entry.member = { ...(isVouchedFor ? member : entry.member), incarnation }
      if (isVouchedFor) entry.sighting.vouched()
      return
    }
    if (entry && isLaterLogin(entry.member, member)) return
    if (entry) this.remove(entry)
    const sighting = new Sighting()
    if (isVouchedFor) sighting.vouched()
    this.entries.set(member.userId, { member, sighting, isHearsay: false })
    this.events.joined(member)
  }

  private entryOf({ userId, sessionId }: Peer): Entry | undefined {
    const entry = this.entries.get(userId)
    return entry?.member.sessionId === sessionId ? entry : undefined
  }

  private removeSilent(entry: Entry, now: number): void {
    if (!entry.sighting.isOver(this.heard(entry), now)) return
    const { member, isHearsay } = entry
    if (!isHearsay) this.silent.remember(member)
    else if (this.options.isSought(member.sessionId)) this.rememberUnheard(member.sessionId)
    this.remove(entry)
  }

  private heard({ member }: Entry): number | undefined {
    return this.options.lastHeard(member.sessionId)
  }

  private remove(entry: Entry): void {
    this.entries.delete(entry.member.userId)
    this.events.left(entry.member)
  }

  private rememberUnheard(sessionId: SessionId): void {
    this.unheard.add(sessionId)
    const [oldest] = this.unheard
    if (oldest !== undefined && this.unheard.size > MAX_UNHEARD) this.unheard.delete(oldest)
  }
}
