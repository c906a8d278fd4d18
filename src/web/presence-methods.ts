import { MAX_QUERIED_PEERS } from '../rtm/limits.ts'
import { AttributeMethods } from './attribute-methods.ts'
import { call } from './calls.ts'
import {
  channelMemberCountCodes,
  queryPeersBySubscriptionOptionCodes,
  queryPeersOnlineCodes,
  subscribePeersCodes,
} from './codes.ts'
import type { ChannelMemberCountResult, PeersOnlineStatusResult } from './presence.ts'
import { PeerSubscriptionOption } from './status-codes.ts'

/**
 * The presence methods of a client.
 *
 * A user is ONLINE while anything is heard of one of its sessions, by a link or by the signaling server, UNREACHABLE
 * when nothing was for 7 s, and OFFLINE after 31 s or when it said goodbye. Nobody logged in: USER_NOT_LOGGED_IN.
 */
export abstract class PresenceMethods extends AttributeMethods {
  /**
   * Which of these users are online now. Rejects with a code of `RtmErrorCode.QueryPeersOnlineStatusError`.
   *
   * Limits: 1 to 256 user ids (INVALID_ARGUMENT, also if one is not well-formed); 10 calls in 5 s (TOO_OFTEN).
   * TIMEOUT 10 s.
   */
  queryPeersOnlineStatus(peerIds: string[]): Promise<PeersOnlineStatusResult> {
    const method = 'queryPeersOnlineStatus'
    return call(this.internals(), method, queryPeersOnlineCodes, (engine, answer) => {
      const isTooMany = Array.isArray(peerIds) && peerIds.length > MAX_QUERIED_PEERS
      const isReady = engine.state === 'connected' || engine.state === 'reconnecting'
      if (isTooMany && isReady) return answer.failed('too-many-peers')
      engine.queryPeers(peerIds, (outcome) => {
        if (typeof outcome === 'string') return answer.failed(outcome)
        answer.ok(Object.fromEntries(outcome.map(({ userId, state }) => [userId, state !== 'offline'])))
      })
    })
  }

  /**
   * Has `PeersOnlineStatusChanged` told how these users stand: of each once after this has resolved, and of whom it
   * changes from then on, until `unsubscribePeersOnlineStatus` or the logout. Lost connections do not matter: what was
   * missed is told after the return. Who is subscribed to already may be among them. Rejects with a code of
   * `RtmErrorCode.PeerSubscriptionStatusError`.
   *
   * Limits: 512 users over all calls (OVERFLOW: then nobody was added); 10 calls in 5 s (TOO_OFTEN). An empty list, or
   * an id that is not well-formed: INVALID_ARGUMENT. TIMEOUT 10 s: then nobody was added.
   */
  subscribePeersOnlineStatus(peerIds: string[]): Promise<void> {
    return call(this.internals(), 'subscribePeersOnlineStatus', subscribePeersCodes, (engine, answer) =>
      engine.subscribePeers(peerIds, (outcome) => (outcome === 'ok' ? answer.ok() : answer.failed(outcome))),
    )
  }

  /**
   * Ends what `subscribePeersOnlineStatus` began, for these users; others among them do no harm. Rejects as that does.
   *
   * Limit: 10 calls in 5 s (TOO_OFTEN). An empty list, or an id that is not well-formed: INVALID_ARGUMENT.
   */
  unsubscribePeersOnlineStatus(peerIds: string[]): Promise<void> {
    const method = 'unsubscribePeersOnlineStatus'
    return call(this.internals(), method, subscribePeersCodes, (engine, answer) => {
      const outcome = engine.unsubscribePeers(peerIds)
      if (outcome === 'ok') answer.ok()
      else answer.failed(outcome)
    })
  }

  /**
   * Who is subscribed to now. The only option is ONLINE_STATUS; another one is a FAILURE. Rejects with a code of
   * `RtmErrorCode.QueryPeersBySubscriptionOptionError`.
   *
   * Limit: 10 calls in 5 s (TOO_OFTEN).
   */
  queryPeersBySubscriptionOption(option: PeerSubscriptionOption): Promise<string[]> {
    const method = 'queryPeersBySubscriptionOption'
    return call(this.internals(), method, queryPeersBySubscriptionOptionCodes, (engine, answer) => {
      const isOnlineStatus = option === PeerSubscriptionOption.ONLINE_STATUS
      const outcome = engine.subscriptions(isOnlineStatus ? 'online-status' : undefined)
      if (typeof outcome === 'string') answer.failed(outcome)
      else answer.ok([...outcome])
    })
  }

  /**
   * How many are in each of these channels, which need not be joined; 0 for one that nobody is in. Of a joined channel
   * this is answered without a signaling server as well. Rejects with a code of
   * `RtmErrorCode.GetChannelMemberCountErrCode`.
   *
   * Limits: 32 channels (EXCEED_LIMIT), 1 call a second (TOO_OFTEN). An empty list, or an id that is not well-formed:
   * INVALID_ARGUMENT. TIMEOUT 5 s.
   */
  getChannelMemberCount(channelIds: string[]): Promise<ChannelMemberCountResult> {
    const method = 'getChannelMemberCount'
    return call(this.internals(), method, channelMemberCountCodes, (engine, answer) =>
      engine.countMembers(channelIds, (outcome) => {
        if (typeof outcome === 'string') return answer.failed(outcome)
        answer.ok(Object.fromEntries(outcome.map(({ channelId, count }) => [channelId, count])))
      }),
    )
  }
}
