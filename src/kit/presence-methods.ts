import { AttributeMethods } from './attribute-methods.ts'
import {
  channelMemberCountCodes,
  queryPeersBySubscriptionOptionCodes,
  queryPeersOnlineCodes,
  subscribePeersCodes,
} from './codes.ts'
import {
  AgoraRtmChannelMemberCountErrorCode,
  AgoraRtmPeerSubscriptionStatusErrorCode,
  AgoraRtmQueryPeersBySubscriptionOptionErrorCode,
  AgoraRtmQueryPeersOnlineErrorCode,
} from './error-codes.ts'
import {
  AgoraRtmChannelMemberCount,
  type AgoraRtmGetChannelMemberCountResult,
  type AgoraRtmPeerOnlineStatus,
  type AgoraRtmQueryPeersBySubscriptionOptionResult,
  type AgoraRtmQueryPeersOnlineStatusResult,
  statusesOf,
} from './presence.ts'
import { AgoraRtmPeerSubscriptionOptions } from './states.ts'

/** @inline */
type Completion<Values extends readonly unknown[]> = ((...values: Values) => void) | null

/**
 * The presence methods of a kit.
 *
 * A user is Online while anything is heard of one of its sessions, by a link or by the signaling server, Unreachable
 * when nothing was for 7 s, and Offline after 31 s or when it said goodbye. Nobody logged in: NotLoggedIn.
 */
export abstract class PresenceMethods extends AttributeMethods {
  /**
   * Which of these users are online now, in the order of the list: Online (who may be only unreachable, too) or
   * Offline (who never logged in, too).
   *
   * Limits: 1 to 256 user ids (InvalidArgument, also if one is not well-formed); 10 calls in 5 s (TooOften).
   * Timeout 10 s.
   */
  queryPeersOnlineStatus(
    peerIds: readonly string[],
    completion?: Completion<
      [peerOnlineStatus: AgoraRtmPeerOnlineStatus[], errorCode: AgoraRtmQueryPeersOnlineErrorCode]
    >,
  ): Promise<AgoraRtmQueryPeersOnlineStatusResult> {
    const { callbacks, engine, failures } = this.internals()
    const block =
      completion &&
      (({ peerOnlineStatus, errorCode }: AgoraRtmQueryPeersOnlineStatusResult) =>
        completion(peerOnlineStatus, errorCode))
    return callbacks.answer(block, (done) => {
      const failed = (errorCode: AgoraRtmQueryPeersOnlineErrorCode) =>
        done({ peerOnlineStatus: [], errorCode })
      if (!engine) return failed(AgoraRtmQueryPeersOnlineErrorCode.NotInitialized)
      engine.queryPeers(peerIds, (outcome) => {
        if (typeof outcome === 'string')
          return failed(queryPeersOnlineCodes[failures.told('queryPeersOnlineStatus', outcome)])
        const peerOnlineStatus = statusesOf(outcome)
        done({ peerOnlineStatus, errorCode: AgoraRtmQueryPeersOnlineErrorCode.Ok })
      })
    })
  }

  /**
   * Has `PeersOnlineStatusChanged` told how these users stand: of each once after the Ok, and of whom it changes from
   * then on, until `unsubscribePeersOnlineStatus` or the logout. Lost connections do not matter: what was missed is
   * told after the return. Who is subscribed to already may be among them.
   *
   * Limits: 512 users over all calls (Overflow: then nobody was added); 10 calls in 5 s
   * (TooOften). An empty list, or an id that is not well-formed: InvalidArgument. Timeout 10 s: then nobody was added.
   */
  subscribePeersOnlineStatus(
    peerIds: readonly string[],
    completion?: Completion<[errorCode: AgoraRtmPeerSubscriptionStatusErrorCode]>,
  ): Promise<AgoraRtmPeerSubscriptionStatusErrorCode> {
    const { callbacks, engine, failures } = this.internals()
    return callbacks.answer(completion, (done) => {
      if (!engine) return done(AgoraRtmPeerSubscriptionStatusErrorCode.NotInitialized)
      engine.subscribePeers(peerIds, (outcome) =>
        done(subscribePeersCodes[failures.told('subscribePeersOnlineStatus', outcome)]),
      )
    })
  }

  /**
   * Ends what `subscribePeersOnlineStatus` began, for these users; others among them do no harm.
   *
   * Limit: 10 calls in 5 s (TooOften). An empty list, or an id that is not well-formed: InvalidArgument.
   */
  unsubscribePeersOnlineStatus(
    peerIds: readonly string[],
    completion?: Completion<[errorCode: AgoraRtmPeerSubscriptionStatusErrorCode]>,
  ): Promise<AgoraRtmPeerSubscriptionStatusErrorCode> {
    const { callbacks, engine, failures } = this.internals()
    return callbacks.answer(completion, (done) => {
      if (!engine) return done(AgoraRtmPeerSubscriptionStatusErrorCode.NotInitialized)
      const outcome = engine.unsubscribePeers(peerIds)
      done(subscribePeersCodes[failures.told('unsubscribePeersOnlineStatus', outcome)])
    })
  }

  /**
   * Who is subscribed to now. The only option is OnlineStatus; another one is a Failure.
   *
   * Limit: 10 calls in 5 s (TooOften).
   */
  queryPeersBySubscriptionOption(
    option: AgoraRtmPeerSubscriptionOptions,
    completion?: Completion<[peers: string[], errorCode: AgoraRtmQueryPeersBySubscriptionOptionErrorCode]>,
  ): Promise<AgoraRtmQueryPeersBySubscriptionOptionResult> {
    const { callbacks, engine, failures } = this.internals()
    const block =
      completion &&
      (({ peers, errorCode }: AgoraRtmQueryPeersBySubscriptionOptionResult) => completion(peers, errorCode))
    return callbacks.answer(block, (done) => {
      const failed = (errorCode: AgoraRtmQueryPeersBySubscriptionOptionErrorCode) =>
        done({ peers: [], errorCode })
      if (!engine) return failed(AgoraRtmQueryPeersBySubscriptionOptionErrorCode.NotInitialized)
      const isOnlineStatus = option === AgoraRtmPeerSubscriptionOptions.OnlineStatus
      const outcome = engine.subscriptions(isOnlineStatus ? 'online-status' : undefined)
      if (typeof outcome === 'string') {
        const told = failures.told('queryPeersBySubscriptionOption', outcome)
        return failed(queryPeersBySubscriptionOptionCodes[told])
      }
      done({ peers: [...outcome], errorCode: AgoraRtmQueryPeersBySubscriptionOptionErrorCode.Ok })
    })
  }

  /**
   * How many are in each of these channels, which need not be joined, in the order of the list; 0 for one that nobody
   * is in. Of a joined channel this is answered without a signaling server as well.
   *
   * Limits: 32 channels (ExceedLimit), 1 call a second (TooOften). An empty list, or an id that is not well-formed:
   * InvalidArgument. Timeout 5 s.
   */
  getChannelMemberCount(
    channelIds: readonly string[],
    completion?: Completion<
      [channelMemberCounts: AgoraRtmChannelMemberCount[], errorCode: AgoraRtmChannelMemberCountErrorCode]
    >,
  ): Promise<AgoraRtmGetChannelMemberCountResult> {
    const { callbacks, engine, failures } = this.internals()
    const block =
      completion &&
      (({ channelMemberCounts, errorCode }: AgoraRtmGetChannelMemberCountResult) =>
        completion(channelMemberCounts, errorCode))
    return callbacks.answer(block, (done) => {
      const failed = (errorCode: AgoraRtmChannelMemberCountErrorCode) =>
        done({ channelMemberCounts: [], errorCode })
      if (!engine) return failed(AgoraRtmChannelMemberCountErrorCode.NotInitialized)
      engine.countMembers(channelIds, (outcome) => {
        if (typeof outcome === 'string')
          return failed(channelMemberCountCodes[failures.told('getChannelMemberCount', outcome)])
        const channelMemberCounts = outcome.map(
          ({ channelId, count }) => new AgoraRtmChannelMemberCount(channelId, count),
        )
        done({ channelMemberCounts, errorCode: AgoraRtmChannelMemberCountErrorCode.Ok })
      })
    })
  }
}
