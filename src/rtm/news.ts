import type { ChannelId, SessionId, UserId } from '../base/ids.ts'
import type { Mesh, MeshEvents } from '../mesh/mesh.ts'
import type { Trust } from '../mesh/trust.ts'
import type { Item } from '../protocol/items.ts'
import type { Peer } from '../protocol/peer.ts'
import type { Departure, EndReason, LoginRefusal } from '../protocol/server-messages.ts'
import type { Places } from '../rendezvous/places.ts'
import type { RendezvousEvents, Welcome } from '../rendezvous/rendezvous.ts'
import type { LateChannelAttributes } from './late-channel-attributes.ts'
import type { Channels } from './channels.ts'
import type { Correspondence } from './correspondence.ts'
import type { Directory } from './directory.ts'
import type { Farewells } from './farewells.ts'
import type { OfflineItem } from './inbox.ts'
import type { InvitationLine, InvitationWatch } from './invitations/line.ts'
import type { Notices } from './notices.ts'
import type { PeerStatus, Presence } from './presence.ts'
import type { ReceivedContent } from './received.ts'
import type { TokenEvents, TokenWatch } from './token-watch.ts'
import type { UserAttributes } from './user-attributes.ts'
import type { Whereabouts } from './whereabouts.ts'

export interface OnlineSessionEvents extends TokenEvents {
  up(): void
  down(): void
  refused(reason: LoginRefusal, sentence: string): void
  ended(reason: EndReason, sentence: string): void
  peerMessage(received: ReceivedContent, from: UserId): void
  peersChanged(statuses: readonly PeerStatus[]): void
}

/** The parts of a login that are told what is heard of others. */
export interface NewsParts {
  readonly isClosed: boolean
  readonly mesh: Mesh
  readonly trust: Trust
  readonly rendezvous: Places
  readonly directory: Directory
  readonly farewells: Farewells
  readonly whereabouts: Whereabouts
  readonly notices: Notices
  readonly presence: Presence
  readonly channels: Channels
  readonly correspondence: Correspondence
  readonly invitations: InvitationWatch
  readonly invitationLine: InvitationLine
  readonly userAttributes: UserAttributes
  readonly channelAttributes: LateChannelAttributes
  up(welcome: Welcome): Promise<void>
  readonly tokens: TokenWatch
  readonly renew: RendezvousEvents['renewed']
}

/** What is heard, from the rendezvous and over links, and who is told of it, in which order. */
export class News {
  constructor(
    /** Those that hear of something exist by then. */
    private readonly parts: NewsParts,
    private readonly events: OnlineSessionEvents,
  ) {}

  rendezvousEvents(): RendezvousEvents {
    const { events } = this
    return {
      up: (welcome) => void this.parts.up(welcome),
      down: () => {
        this.parts.channels.rendezvousLost()
        this.parts.presence.rendezvousLost()
        events.down()
      },
      renewed: (...renewal) => this.parts.renew(...renewal),
      tokenRefused: () => this.parts.tokens.refused(),
      refused: (reason, sentence) => events.refused(reason, sentence),
      ended: (reason, sentence) => events.ended(reason, sentence),
      roster: (channelId, incarnation, named, mayRemove) => {
        const { directory, farewells, channels } = this.parts
        const members = farewells.without(named, ...this.askForMembers(channelId))
        for (const member of members) directory.see(member)
        channels.roster(channelId, incarnation, members, mayRemove)
      },
      joinRefused: (channelId, incarnation) => this.parts.channels.joinRefused(channelId, incarnation),
      joined: (channelId, member) => {
        this.parts.farewells.isBack(member.sessionId)
        this.parts.directory.see(member)
        this.parts.channels.joined(channelId, member)
      },
      left: (channelId, member) => this.parts.channels.left(channelId, member),
      presence: (userIds, named, mayRemove) => {
        const { directory, farewells, presence } = this.parts
        const peers = farewells.without(named, 'users', () => presence.askAgain())
        for (const peer of peers) directory.see(peer)
        presence.present(userIds, peers, mayRemove)
      },
      present: (peer) => {
        this.parts.farewells.isBack(peer.sessionId)
        this.parts.directory.see(peer)
        this.parts.presence.vouched(peer)
      },
      introduced: (channelId, named) => {
        const { directory, farewells, channels } = this.parts
        const members = farewells.without(named, ...this.askForMembers(channelId))
        for (const member of members) directory.see(member)
        channels.introduced(channelId, members)
      },
      notice: (notice) => void this.parts.notices.heard(notice),
      gone: (peer, why, by) => {
        // A tab hears a goodbye also while the server cannot be reached, which names the peer until it misses it.
        if (by === 'tabs' && why === 'goodbye') this.saidGoodbye(peer)
        else this.parts.farewells.isGone(peer)
        if (why === 'lost') this.lost(peer)
        else this.ended(peer, why)
      },
      unreachable: (peer, silentMs) => {
        this.parts.channels.unreachable(peer, silentMs)
        this.parts.presence.unreachable(peer, silentMs)
      },
      reachable: (peer) => {
        this.parts.farewells.isBack(peer.sessionId)
        this.parts.channels.reachable(peer)
        this.parts.presence.vouched(peer)
      },
      signal: (from, signal, via) => this.parts.mesh.receiveSignal(from, signal, via),
      tab: ({ sessionId }) => this.parts.trust.addTab(sessionId),
      undeliverable: (to) => void this.undeliverable(to),
    }
  }

  meshEvents(): MeshEvents {
    return {
      item: (from, item) => this.receive(from, item),
      goodbye: (from) => {
        this.saidGoodbye(from)
        this.ended(from, 'goodbye')
      },
      linked: (peer) => {
        this.parts.farewells.isBack(peer.sessionId)
        this.parts.presence.met(peer)
        this.parts.channels.linked(peer)
        this.parts.channelAttributes.linked(peer)
        this.parts.rendezvous.linked(peer)
        this.parts.notices.linked(peer)
      },
      unlinked: (peer) => {
        this.parts.channelAttributes.unlinked(peer)
        this.parts.rendezvous.unlinked(peer)
      },
      channelOffered: (offer) => this.parts.channelAttributes.offered(offer),
      neighbour: (from, message) => this.parts.rendezvous.heard(from, message),
    }
  }

  /** The rendezvous does not hear it any more; whoever writes to its user next asks again where the user is. */
  private lost(peer: Peer): void {
    this.parts.channels.lost(peer)
    this.parts.presence.lost(peer)
    if (this.parts.mesh.isLinked(peer.sessionId)) return
    this.parts.directory.forget(peer.userId, peer.sessionId)
    this.parts.userAttributes.ended(peer)
    this.parts.channelAttributes.gone(peer.sessionId)
    this.parts.invitations.ended(peer)
  }

  private saidGoodbye(peer: Peer): void {
    const { farewells, channels } = this.parts
    const asks = channels.sharedWith(peer).map((channelId) => this.askForMembers(channelId))
    farewells.said(peer, asks)
  }

  /** What it is about, and how to ask who is in a channel once more. */
  private askForMembers(channelId: ChannelId): readonly [about: string, ask: () => void] {
    const ask = (): void => {
      const { channels, rendezvous } = this.parts
      const room = channels.room(channelId)
      // One that is away tells when it is back.
      if (room && rendezvous.isUp) rendezvous.join(channelId, room.incarnation)
    }
    return [`members of ${channelId}`, ask]
  }

  /** The sessions of a user that this one has met. */
  peersOf(userId: UserId): readonly Peer[] {
    const present = this.parts.directory.get(userId)
    const met = this.parts.mesh.describe().map(({ peer }) => peer)
    return [...met.filter((peer) => peer.userId === userId), ...(present ? [present] : [])]
  }

  /** What it has said before comes first. */
  ended(peer: Peer, why: Exclude<Departure, 'lost'>): void {
    this.parts.correspondence.inTurn(peer, () => this.forget(peer, why))
  }

  private forget(peer: Peer, why: Exclude<Departure, 'lost'>): void {
    this.parts.directory.forget(peer.userId, peer.sessionId)
    this.parts.mesh.end(peer.sessionId)
    this.parts.correspondence.over(peer)
    this.parts.channels.ended(peer)
    this.parts.presence.ended(peer, why)
    this.parts.userAttributes.ended(peer)
    this.parts.channelAttributes.gone(peer.sessionId)
    this.parts.invitations.ended(peer)
  }

  /** Signals cannot be delivered to this session: perhaps it is over. What was handed to a link may have arrived. */
  private async undeliverable(sessionId: SessionId): Promise<void> {
    this.parts.mesh.undeliverable(sessionId)
    const peer = this.parts.mesh.peer(sessionId)
    const others = peer && (await this.parts.whereabouts.successors(peer))
    if (!others || this.parts.isClosed) return
    this.parts.directory.forget(peer.userId, sessionId)
    this.parts.correspondence.over(peer)
    for (const other of others) this.parts.directory.see(other)
    this.parts.correspondence.withdraw(peer)
    this.parts.userAttributes.ended(peer)
    this.parts.channelAttributes.notFound(sessionId)
    this.parts.invitations.ended(peer)
  }

  private receive(from: Peer, item: Item): void {
    this.parts.directory.hear(from)
    if (item.kind === 'offline-message') this.parts.correspondence.take(from, item)
    else this.parts.correspondence.inTurn(from, () => this.handOver(from, item))
  }

  private handOver(from: Peer, item: Exclude<Item, OfflineItem>): void {
    switch (item.kind) {
      case 'peer-message':
        return this.events.peerMessage(item, from.userId)
      case 'channel-message':
      case 'left':
      case 'joined':
        return this.parts.channels.receive(from, item)
      case 'user-attributes-request':
      case 'user-attributes':
        return this.parts.userAttributes.receive(from, item)
      case 'offline-receipt':
        return this.parts.correspondence.receipt(from, item.ids)
      case 'document':
        return this.parts.channelAttributes.receive(from, item)
      case 'invitation':
        // What is handed over at the end of a login must not begin anything in its name.
        if (this.parts.isClosed) return
        return this.parts.invitations.receive(this.parts.invitationLine, from, item.message)
    }
  }
}
