import type { ChannelId, SessionId, UserId } from '../../src/base/ids.ts'
import type { Member, Peer } from '../../src/protocol/peer.ts'
import type { PeerStatus } from '../../src/rtm/presence.ts'
import type { ReceivedContent } from '../../src/rtm/received.ts'
import type { ConnectionState } from '../../src/rtm/session.ts'

/** Who sees what a user of a page would see. */
export interface Witness<Page> {
  stateChanged(page: Page, state: ConnectionState, reason: string): void
  peerMessage(page: Page, received: ReceivedContent, from: UserId): void
  channelMessage(page: Page, channelId: ChannelId, received: ReceivedContent, from: Peer): void
  peersChanged(page: Page, statuses: readonly PeerStatus[]): void
  memberJoined(page: Page, channelId: ChannelId, member: Member): void
  memberLeft(page: Page, channelId: ChannelId, member: Member): void
  /** It is about to be linked to this session. */
  met(page: Page, sessionId: SessionId): void
  saw(page: Page, what: string): void
}
