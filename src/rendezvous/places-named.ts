import type { ChannelId, SessionId, UserId } from '../base/ids.ts'
import type { Member, Peer } from '../protocol/peer.ts'
import { MAX_SUBSCRIPTIONS_PER_SESSION } from '../protocol/server-messages.ts'

/** Peers that sent signals and are remembered: the server tells when they are gone. */
const MAX_MET = 1_024

/**
 * Whom a server names as present now: members of channels that are shared, sessions of users that are subscribed to,
 * and peers that sent signals.
 */
export class NamedPeers {
  private readonly membersByChannel = new Map<ChannelId, Map<SessionId, Peer>>()
  private readonly subscribed = new Map<SessionId, Peer>()
  private readonly met = new Map<SessionId, Peer>()
  private readonly silent = new Set<SessionId>()

  /** Those among them that are silent are told of after it. */
  roster(channelId: ChannelId, members: readonly Member[]): void {
    for (const member of members) this.reachable(member)
    this.membersByChannel.set(channelId, new Map(members.map((member) => [member.sessionId, member])))
  }

  joined(channelId: ChannelId, member: Member): void {
    this.reachable(member)
    this.membersByChannel.get(channelId)?.set(member.sessionId, member)
  }

  left(channelId: ChannelId, { sessionId }: Peer): void {
    this.membersByChannel.get(channelId)?.delete(sessionId)
  }

  /** Of these users those are there, and no others. Those among them that are silent are told of after it. */
  presence(userIds: readonly UserId[], peers: readonly Peer[]): void {
    this.forgetUsers(userIds)
    for (const peer of peers) this.present(peer)
  }

  present(peer: Peer): void {
    this.reachable(peer)
    putLast(this.subscribed, peer, MAX_SUBSCRIPTIONS_PER_SESSION)
  }

  /** They are not subscribed to any more. */
  forgetUsers(userIds: readonly UserId[]): void {
    const users = new Set(userIds)
    for (const { userId, sessionId } of this.subscribed.values())
      if (users.has(userId)) this.subscribed.delete(sessionId)
  }

  meets(peer: Peer): void {
    putLast(this.met, peer, MAX_MET)
  }

  gone({ sessionId }: Peer): void {
    for (const peers of this.lists) peers.delete(sessionId)
    this.silent.delete(sessionId)
  }

  unreachable({ sessionId }: Peer): void {
    this.silent.add(sessionId)
  }

  reachable({ sessionId }: Peer): void {
    this.silent.delete(sessionId)
  }

  /** This session left the channel. */
  forgetChannel(channelId: ChannelId): void {
    this.membersByChannel.delete(channelId)
  }

  clear(): void {
    this.membersByChannel.clear()
    this.subscribed.clear()
    this.met.clear()
    this.silent.clear()
  }

  /** Whether the server hears it. */
  hears({ sessionId }: Peer): boolean {
    return !this.silent.has(sessionId) && this.lists.some((peers) => peers.has(sessionId))
  }

  /** Whether another session is this user's, as the server says. */
  hasAnother({ userId, sessionId }: Peer): boolean {
    return this.lists.some((peers) =>
      [...peers.values()].some((peer) => peer.userId === userId && peer.sessionId !== sessionId),
    )
  }

  private get lists(): Map<SessionId, Peer>[] {
    return [...this.membersByChannel.values(), this.subscribed, this.met]
  }
}

function putLast(peers: Map<SessionId, Peer>, peer: Peer, limit: number): void {
  peers.delete(peer.sessionId)
  peers.set(peer.sessionId, peer)
  const [oldest] = peers.keys()
  if (oldest !== undefined && peers.size > limit) peers.delete(oldest)
}
