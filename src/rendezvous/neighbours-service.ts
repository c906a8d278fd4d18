import type { ChannelId, SessionId } from '../base/ids.ts'
import {
  encodeNeighbourMessage,
  type Introduction,
  MAX_INTRODUCTIONS,
  type NeighbourMessage,
} from '../protocol/neighbour-messages.ts'
import type { Peer } from '../protocol/peer.ts'
import type { Neighbourhood } from './neighbourhood.ts'
import type { NeighbourRates } from './neighbours-rates.ts'

/** This session, as others are told of it. */
export interface Self {
  readonly peer: Peer
  /** Signed by a server. */
  readonly credential: string
  /** The channels that it is in, each with the join that brought it there. */
  readonly channels: ReadonlyMap<ChannelId, number>
}

/** With everything around it below what a frame may carry. */
const MAX_ANSWER_BYTES = 120 * 1024
/** Lengths and numbers, beside the text of an entry. */
const ENTRY_BYTES = 12

/** What this session does for its neighbours: it introduces those that it is linked to, and passes signals on. */
export class NeighbourService {
  constructor(
    private readonly neighbourhood: Neighbourhood,
    private readonly rates: NeighbourRates,
    /** Undefined while no server has accepted this session: it is not introduced then. */
    private readonly self: () => Self | undefined,
  ) {}

  /** Who asks too much is not answered. */
  answer(to: Peer, { request, userIds, channelIds }: Extract<NeighbourMessage, { kind: 'ask' }>): void {
    if (!this.rates.question(to.sessionId)) return
    const users = new Set(userIds)
    const channels = this.channelsBySession(new Set(channelIds))
    const introductions: Introduction[] = []
    let bytes = 0
    for (const { peer, credential } of this.known(to.sessionId)) {
      const isIn = channels.get(peer.sessionId) ?? []
      if (isIn.length === 0 && !users.has(peer.userId)) continue
      bytes += ENTRY_BYTES + credential.length
      for (const [channelId] of isIn) bytes += ENTRY_BYTES + channelId.length
      if (bytes > MAX_ANSWER_BYTES || introductions.length === MAX_INTRODUCTIONS) break
      introductions.push({ credential, channels: isIn })
    }
    const message = encodeNeighbourMessage({ kind: 'answer', request, introductions })
    if (this.rates.answer(to.sessionId, message.byteLength)) this.neighbourhood.tell(to.sessionId, message)
  }

  /** Only to a session that this one is linked to, and only with what proves who has sent it. */
  passOn(from: Peer, { to, signal }: Extract<NeighbourMessage, { kind: 'signal' }>): void {
    const credential = this.neighbourhood.credentialOf(from.sessionId)
    const message: NeighbourMessage | undefined =
      credential !== undefined && to !== from.sessionId && this.rates.signal(from.sessionId, signal.length)
        ? { kind: 'passed-on', credential, signal }
        : undefined
    if (message && this.neighbourhood.tell(to, encodeNeighbourMessage(message))) return
    this.neighbourhood.tell(from.sessionId, encodeNeighbourMessage({ kind: 'undeliverable', to }))
  }

  /** This session first, as its own word is the best that there is. */
  private *known(except: SessionId): Iterable<{ readonly peer: Peer; readonly credential: string }> {
    const self = this.self()
    if (self) yield self
    for (const peer of this.neighbourhood.near) {
      const credential = this.neighbourhood.credentialOf(peer.sessionId)
      if (credential !== undefined && peer.sessionId !== except) yield { peer, credential }
    }
  }

  private channelsBySession(
    channelIds: ReadonlySet<ChannelId>,
  ): ReadonlyMap<SessionId, readonly (readonly [ChannelId, number])[]> {
    const bySession = new Map<SessionId, [ChannelId, number][]>()
    const add = (sessionId: SessionId, channelId: ChannelId, incarnation: number): void => {
      const channels = bySession.get(sessionId) ?? []
      channels.push([channelId, incarnation])
      bySession.set(sessionId, channels)
    }
    const self = this.self()
    for (const channelId of channelIds) {
      const own = self?.channels.get(channelId)
      if (self && own !== undefined) add(self.peer.sessionId, channelId, own)
      for (const { sessionId, incarnation } of this.neighbourhood.members(channelId))
        add(sessionId, channelId, incarnation)
    }
    return bySession
  }
}
