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
  /** Whose state it is. */
  readonly peerId: string
  /** In the answer to a query Online or Offline, never Unreachable. */
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
  /** As it was asked for. */
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
  /** In the order of the question; empty unless the code is Ok. */
  readonly peerOnlineStatus: AgoraRtmPeerOnlineStatus[]
  /** Ok, or why there is no answer. */
  readonly errorCode: AgoraRtmQueryPeersOnlineErrorCode
}

/** Answer of `queryPeersBySubscriptionOption`; empty unless the code is Ok. */
export interface AgoraRtmQueryPeersBySubscriptionOptionResult {
  /** Their user ids; empty unless the code is Ok. */
  readonly peers: string[]
  /** Ok, or why there is no answer. */
  readonly errorCode: AgoraRtmQueryPeersBySubscriptionOptionErrorCode
}

/** Answer of `getChannelMemberCount`; empty unless the code is Ok. */
export interface AgoraRtmGetChannelMemberCountResult {
  /** In the order of the question; empty unless the code is Ok. */
  readonly channelMemberCounts: AgoraRtmChannelMemberCount[]
  /** Ok, or why there is no answer. */
  readonly errorCode: AgoraRtmChannelMemberCountErrorCode
}

export function statusesOf(statuses: readonly PeerStatus[]): AgoraRtmPeerOnlineStatus[] {
  return statuses.map(({ userId, state }) => new AgoraRtmPeerOnlineStatus(userId, onlineStates[state]))
}
