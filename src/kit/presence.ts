import type { PeerStatus } from '../rtm/presence.ts'
import { onlineStates } from './codes.ts'
import type {
  AgoraRtmChannelMemberCountErrorCode,
  AgoraRtmQueryPeersBySubscriptionOptionErrorCode,
  AgoraRtmQueryPeersOnlineErrorCode,
} from './error-codes.ts'
import { AgoraPeerOnlineState } from './states.ts'

/** How a user stands. */
export class AgoraRtmPeerOnlineStatus {
  readonly peerId: string
  readonly state: AgoraPeerOnlineState
  /** Whether the user is logged in: true also while Unreachable. The API's own pages advise `state` in its place. */
  readonly isOnline: boolean

  constructor(peerId = '', state = AgoraPeerOnlineState.Offline) {
    this.peerId = peerId
    this.state = state
    this.isOnline = state !== AgoraPeerOnlineState.Offline
  }
}

/** How many are in a channel. */
export class AgoraRtmChannelMemberCount {
  readonly channelId: string
  /** 0 for a channel that nobody is in. */
  readonly count: number

  constructor(channelId = '', count = 0) {
    this.channelId = channelId
    this.count = count
  }
}

/** Answer of `queryPeersOnlineStatus`; empty unless the code is Ok. */
export interface AgoraRtmQueryPeersOnlineStatusResult {
  readonly peerOnlineStatus: AgoraRtmPeerOnlineStatus[]
  readonly errorCode: AgoraRtmQueryPeersOnlineErrorCode
}

/** Answer of `queryPeersBySubscriptionOption`; empty unless the code is Ok. */
export interface AgoraRtmQueryPeersBySubscriptionOptionResult {
  readonly peers: string[]
  readonly errorCode: AgoraRtmQueryPeersBySubscriptionOptionErrorCode
}

/** Answer of `getChannelMemberCount`; empty unless the code is Ok. */
export interface AgoraRtmGetChannelMemberCountResult {
  readonly channelMemberCounts: AgoraRtmChannelMemberCount[]
  readonly errorCode: AgoraRtmChannelMemberCountErrorCode
}

export function statusesOf(statuses: readonly PeerStatus[]): AgoraRtmPeerOnlineStatus[] {
  return statuses.map(({ userId, state }) => new AgoraRtmPeerOnlineStatus(userId, onlineStates[state]))
}
