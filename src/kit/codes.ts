import type {
  ChannelReadOutcome,
  ChannelSendOutcome,
  ChannelWriteOutcome,
  JoinOutcome,
  LeaveOutcome,
  LoginOutcome,
  MemberCountsOutcome,
  MembersOutcome,
  PeerSendOutcome,
  PeersOnlineOutcome,
  RenewTokenOutcome,
  SubscribeOutcome,
  SubscriptionsOutcome,
  UserReadOutcome,
  UserWriteOutcome,
} from '../rtm/outcomes.ts'
import type { ConnectionChangeReason, ConnectionState } from '../rtm/session.ts'
import type { OnlineState } from '../rtm/sightings.ts'
import {
  AgoraRtmChannelMemberCountErrorCode,
  AgoraRtmGetMembersErrorCode,
  AgoraRtmJoinChannelErrorCode,
  AgoraRtmLeaveChannelErrorCode,
  AgoraRtmLoginErrorCode,
  AgoraRtmLogoutErrorCode,
  AgoraRtmPeerSubscriptionStatusErrorCode,
  AgoraRtmProcessAttributeErrorCode,
  AgoraRtmQueryPeersBySubscriptionOptionErrorCode,
  AgoraRtmQueryPeersOnlineErrorCode,
  AgoraRtmRenewTokenErrorCode,
  AgoraRtmSendChannelMessageErrorCode,
  AgoraRtmSendPeerMessageErrorCode,
} from './error-codes.ts'
import { AgoraPeerOnlineState, AgoraRtmConnectionChangeReason, AgoraRtmConnectionState } from './states.ts'

/** What the engine says, in the API's numbers: one table per operation. */

export const connectionStates = {
  disconnected: AgoraRtmConnectionState.Disconnected,
  connecting: AgoraRtmConnectionState.Connecting,
  connected: AgoraRtmConnectionState.Connected,
  reconnecting: AgoraRtmConnectionState.Reconnecting,
  aborted: AgoraRtmConnectionState.Aborted,
} satisfies Record<ConnectionState, AgoraRtmConnectionState>

export const connectionChangeReasons = {
  login: AgoraRtmConnectionChangeReason.Login,
  'login-success': AgoraRtmConnectionChangeReason.LoginSuccess,
  'login-failure': AgoraRtmConnectionChangeReason.LoginFailure,
  'login-timeout': AgoraRtmConnectionChangeReason.LoginTimeout,
  interrupted: AgoraRtmConnectionChangeReason.Interrupted,
  logout: AgoraRtmConnectionChangeReason.Logout,
  'banned-by-server': AgoraRtmConnectionChangeReason.BannedByServer,
  'remote-login': AgoraRtmConnectionChangeReason.RemoteLogin,
  'token-expired': AgoraRtmConnectionChangeReason.TokenExpired,
} satisfies Record<ConnectionChangeReason, AgoraRtmConnectionChangeReason>

export const onlineStates = {
  online: AgoraPeerOnlineState.Online,
  unreachable: AgoraPeerOnlineState.Unreachable,
  offline: AgoraPeerOnlineState.Offline,
} satisfies Record<OnlineState, AgoraPeerOnlineState>

export const loginCodes = {
  ok: AgoraRtmLoginErrorCode.Ok,
  unknown: AgoraRtmLoginErrorCode.Unknown,
  'invalid-argument': AgoraRtmLoginErrorCode.InvalidArgument,
  'invalid-user-id': AgoraRtmLoginErrorCode.InvalidArgument,
  'invalid-app-id': AgoraRtmLoginErrorCode.InvalidAppId,
  'invalid-token': AgoraRtmLoginErrorCode.InvalidToken,
  'token-expired': AgoraRtmLoginErrorCode.TokenExpired,
  'not-authorized': AgoraRtmLoginErrorCode.NotAuthorized,
  banned: AgoraRtmLoginErrorCode.NotAuthorized,
  'already-login': AgoraRtmLoginErrorCode.AlreadyLogin,
  timeout: AgoraRtmLoginErrorCode.Timeout,
  'too-often': AgoraRtmLoginErrorCode.LoginTooOften,
  // Without a code of their own; the log has the sentence.
  'no-server-named': AgoraRtmLoginErrorCode.Unknown,
  'invalid-proof': AgoraRtmLoginErrorCode.Unknown,
  'remote-login': AgoraRtmLoginErrorCode.Unknown,
  kicked: AgoraRtmLoginErrorCode.Unknown,
  'unsupported-version': AgoraRtmLoginErrorCode.Unknown,
  overload: AgoraRtmLoginErrorCode.Unknown,
} satisfies Record<LoginOutcome, AgoraRtmLoginErrorCode>

export const renewTokenCodes = {
  ok: AgoraRtmRenewTokenErrorCode.Ok,
  'not-judged': AgoraRtmRenewTokenErrorCode.Failure,
  'token-replaced': AgoraRtmRenewTokenErrorCode.Failure,
  aborted: AgoraRtmRenewTokenErrorCode.Failure,
  'no-token': AgoraRtmRenewTokenErrorCode.InvalidArgument,
  'too-often': AgoraRtmRenewTokenErrorCode.TooOften,
  'token-expired': AgoraRtmRenewTokenErrorCode.TokenExpired,
  'invalid-token': AgoraRtmRenewTokenErrorCode.InvalidToken,
  'not-authorized': AgoraRtmRenewTokenErrorCode.InvalidToken,
  'not-logged-in': AgoraRtmRenewTokenErrorCode.NotLoggedIn,
} satisfies Record<RenewTokenOutcome, AgoraRtmRenewTokenErrorCode>

export const logoutCodes = {
  ok: AgoraRtmLogoutErrorCode.Ok,
  'not-logged-in': AgoraRtmLogoutErrorCode.NotLoggedIn,
}

export const sendPeerMessageCodes = {
  ok: AgoraRtmSendPeerMessageErrorCode.Ok,
  cached: AgoraRtmSendPeerMessageErrorCode.CachedByServer,
  overflow: AgoraRtmSendPeerMessageErrorCode.Failure,
  timeout: AgoraRtmSendPeerMessageErrorCode.Timeout,
  aborted: AgoraRtmSendPeerMessageErrorCode.Timeout,
  'peer-unreachable': AgoraRtmSendPeerMessageErrorCode.PeerUnreachable,
  'too-often': AgoraRtmSendPeerMessageErrorCode.TooOften,
  'invalid-user-id': AgoraRtmSendPeerMessageErrorCode.InvalidUserId,
  'invalid-message': AgoraRtmSendPeerMessageErrorCode.InvalidMessage,
  'not-logged-in': AgoraRtmSendPeerMessageErrorCode.NotLoggedIn,
} satisfies Record<PeerSendOutcome, AgoraRtmSendPeerMessageErrorCode>

export const sendChannelMessageCodes = {
  ok: AgoraRtmSendChannelMessageErrorCode.Ok,
  overflow: AgoraRtmSendChannelMessageErrorCode.Failure,
  // The API page has no code of its own for it.
  'not-in-channel': AgoraRtmSendChannelMessageErrorCode.Failure,
  timeout: AgoraRtmSendChannelMessageErrorCode.Timeout,
  aborted: AgoraRtmSendChannelMessageErrorCode.Timeout,
  'too-often': AgoraRtmSendChannelMessageErrorCode.TooOften,
  'invalid-message': AgoraRtmSendChannelMessageErrorCode.InvalidMessage,
  'not-logged-in': AgoraRtmSendChannelMessageErrorCode.NotLoggedIn,
} satisfies Record<ChannelSendOutcome, AgoraRtmSendChannelMessageErrorCode>

export const joinChannelCodes = {
  ok: AgoraRtmJoinChannelErrorCode.Ok,
  left: AgoraRtmJoinChannelErrorCode.Failure,
  failure: AgoraRtmJoinChannelErrorCode.Failure,
  timeout: AgoraRtmJoinChannelErrorCode.Timeout,
  aborted: AgoraRtmJoinChannelErrorCode.Timeout,
  'too-many-channels': AgoraRtmJoinChannelErrorCode.ExceedLimit,
  'already-joined': AgoraRtmJoinChannelErrorCode.AlreadyJoined,
  'too-often': AgoraRtmJoinChannelErrorCode.TooOften,
  'same-channel-too-often': AgoraRtmJoinChannelErrorCode.SameChannelTooOften,
  'not-logged-in': AgoraRtmJoinChannelErrorCode.NotLoggedIn,
} satisfies Record<JoinOutcome, AgoraRtmJoinChannelErrorCode>

export const leaveChannelCodes = {
  ok: AgoraRtmLeaveChannelErrorCode.Ok,
  aborted: AgoraRtmLeaveChannelErrorCode.Failure,
  'not-in-channel': AgoraRtmLeaveChannelErrorCode.NotInChannel,
  'not-logged-in': AgoraRtmLeaveChannelErrorCode.NotLoggedIn,
} satisfies Record<LeaveOutcome, AgoraRtmLeaveChannelErrorCode>

export const getMembersCodes = {
  aborted: AgoraRtmGetMembersErrorCode.Timeout,
  'too-often': AgoraRtmGetMembersErrorCode.TooOften,
  'not-in-channel': AgoraRtmGetMembersErrorCode.NotInChannel,
  'not-logged-in': AgoraRtmGetMembersErrorCode.NotLoggedIn,
} satisfies Record<Extract<MembersOutcome, string>, AgoraRtmGetMembersErrorCode>

export const queryPeersOnlineCodes = {
  failure: AgoraRtmQueryPeersOnlineErrorCode.Failure,
  'invalid-peer-ids': AgoraRtmQueryPeersOnlineErrorCode.InvalidArgument,
  'too-often': AgoraRtmQueryPeersOnlineErrorCode.TooOften,
  timeout: AgoraRtmQueryPeersOnlineErrorCode.Timeout,
  aborted: AgoraRtmQueryPeersOnlineErrorCode.Timeout,
  'not-logged-in': AgoraRtmQueryPeersOnlineErrorCode.NotLoggedIn,
} satisfies Record<Extract<PeersOnlineOutcome, string>, AgoraRtmQueryPeersOnlineErrorCode>

export const subscribePeersCodes = {
  ok: AgoraRtmPeerSubscriptionStatusErrorCode.Ok,
  failure: AgoraRtmPeerSubscriptionStatusErrorCode.Failure,
  'invalid-peer-ids': AgoraRtmPeerSubscriptionStatusErrorCode.InvalidArgument,
  'too-many-subscriptions': AgoraRtmPeerSubscriptionStatusErrorCode.Overflow,
  'too-often': AgoraRtmPeerSubscriptionStatusErrorCode.TooOften,
  timeout: AgoraRtmPeerSubscriptionStatusErrorCode.Timeout,
  aborted: AgoraRtmPeerSubscriptionStatusErrorCode.Timeout,
  'not-logged-in': AgoraRtmPeerSubscriptionStatusErrorCode.NotLoggedIn,
} satisfies Record<SubscribeOutcome, AgoraRtmPeerSubscriptionStatusErrorCode>

export const queryPeersBySubscriptionOptionCodes = {
  'unknown-option': AgoraRtmQueryPeersBySubscriptionOptionErrorCode.Failure,
  'too-often': AgoraRtmQueryPeersBySubscriptionOptionErrorCode.TooOften,
  aborted: AgoraRtmQueryPeersBySubscriptionOptionErrorCode.Timeout,
  'not-logged-in': AgoraRtmQueryPeersBySubscriptionOptionErrorCode.NotLoggedIn,
} satisfies Record<Extract<SubscriptionsOutcome, string>, AgoraRtmQueryPeersBySubscriptionOptionErrorCode>

export const channelMemberCountCodes = {
  failure: AgoraRtmChannelMemberCountErrorCode.Failure,
  'invalid-channel-ids': AgoraRtmChannelMemberCountErrorCode.InvalidArgument,
  'too-many-counted-channels': AgoraRtmChannelMemberCountErrorCode.ExceedLimit,
  'too-often': AgoraRtmChannelMemberCountErrorCode.TooOften,
  timeout: AgoraRtmChannelMemberCountErrorCode.Timeout,
  aborted: AgoraRtmChannelMemberCountErrorCode.Timeout,
  'not-logged-in': AgoraRtmChannelMemberCountErrorCode.NotLoggedIn,
} satisfies Record<Extract<MemberCountsOutcome, string>, AgoraRtmChannelMemberCountErrorCode>

export const processAttributeCodes = {
  ok: AgoraRtmProcessAttributeErrorCode.Ok,
  failure: AgoraRtmProcessAttributeErrorCode.Failure,
  overflow: AgoraRtmProcessAttributeErrorCode.Failure,
  'invalid-attributes': AgoraRtmProcessAttributeErrorCode.InvalidArgument,
  'invalid-keys': AgoraRtmProcessAttributeErrorCode.InvalidArgument,
  'invalid-user-id': AgoraRtmProcessAttributeErrorCode.InvalidArgument,
  'invalid-channel-id': AgoraRtmProcessAttributeErrorCode.InvalidArgument,
  'size-overflow': AgoraRtmProcessAttributeErrorCode.SizeOverflow,
  'too-often': AgoraRtmProcessAttributeErrorCode.TooOften,
  'user-not-found': AgoraRtmProcessAttributeErrorCode.UserNotFound,
  timeout: AgoraRtmProcessAttributeErrorCode.Timeout,
  aborted: AgoraRtmProcessAttributeErrorCode.Timeout,
  'not-logged-in': AgoraRtmProcessAttributeErrorCode.NotLoggedIn,
} satisfies Record<
  UserWriteOutcome | ChannelWriteOutcome | Extract<UserReadOutcome | ChannelReadOutcome, string>,
  AgoraRtmProcessAttributeErrorCode
>
