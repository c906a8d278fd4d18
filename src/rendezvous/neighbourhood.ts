import type { Bytes } from '../base/bytes.ts'
import type { ChannelId, SessionId, UserId } from '../base/ids.ts'
import type { Member, Peer } from '../protocol/peer.ts'

/** What a session knows of those around it, and how it speaks to them: what neighbours are made of. Handed in. */
export interface Neighbourhood {
  /** Those with a link of their own to this session. */
  readonly near: readonly Peer[]
  /** What proves to others who such a session is; undefined if it has shown nothing that a server signed. */
  credentialOf(sessionId: SessionId): string | undefined
  /** False if it has no link of its own. */
  tell(to: SessionId, message: Bytes): boolean
  /** Who this sealed credential is about, if it is valid now and of a server whose word counts here. */
  verify(credential: string): Promise<Peer | undefined>
  /** The other members of a channel, as far as this session is in it. */
  members(channelId: ChannelId): readonly Member[]
  /** Whose session that is, if this one has to do with it. */
  userOf(sessionId: SessionId): UserId | undefined
}
