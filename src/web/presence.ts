import type { PeerStatus } from '../rtm/presence.ts'
import { onlineStates } from './states.ts'
import type { PeerOnlineState } from './status-codes.ts'

/** How users stand, by their user ids. */
export interface PeersOnlineStatusMap {
  /** How this user stands. */
  [peerId: string]: PeerOnlineState
}

/** Answer of `queryPeersOnlineStatus`, by user ids. */
export interface PeersOnlineStatusResult {
  /** Whether this user is logged in; true also while it is only unreachable. */
  [peerId: string]: boolean
}

/** Answer of `getChannelMemberCount`, by channel ids. */
export interface ChannelMemberCountResult {
  /** How many are in this channel; 0 for one that nobody is in. */
  [channelId: string]: number
}

export function statusMapOf(statuses: readonly PeerStatus[]): PeersOnlineStatusMap {
  return Object.fromEntries(statuses.map(({ userId, state }) => [userId, onlineStates[state]]))
}
