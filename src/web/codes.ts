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
import {
  AttributeOperationError,
  ChannelMessageError,
  GetChannelMemberCountErrCode,
  GetMembersError,
  JoinChannelError,
  LeaveChannelError,
  LoginError,
  LogoutError,
  PeerMessageError,
  PeerSubscriptionStatusError,
  QueryPeersBySubscriptionOptionError,
  QueryPeersOnlineStatusError,
  RenewTokenError,
} from './error-codes.ts'

/** What the engine says, in the API's numbers: one table per operation. */

/** Of every call of a client that was destroyed (the API's number for a service that is not initialized). */
export const DESTROYED_CODE = 101

/** Everything but success. */
type Failure<Outcome> = Exclude<Extract<Outcome, string>, 'ok'>

export const loginCodes = {
  unknown: LoginError.LOGIN_ERR_UNKNOWN,
  'invalid-argument': LoginError.LOGIN_ERR_INVALID_ARGUMENT,
  'invalid-user-id': LoginError.LOGIN_ERR_INVALID_ARGUMENT,
  'invalid-app-id': LoginError.LOGIN_ERR_INVALID_APP_ID,
  'invalid-token': LoginError.LOGIN_ERR_INVALID_TOKEN,
  'token-expired': LoginError.LOGIN_ERR_TOKEN_EXPIRED,
  'not-authorized': LoginError.LOGIN_ERR_NOT_AUTHORIZED,
  banned: LoginError.LOGIN_ERR_NOT_AUTHORIZED,
  'already-login': LoginError.LOGIN_ERR_ALREADY_LOGIN,
  timeout: LoginError.LOGIN_ERR_TIMEOUT,
  'too-often': LoginError.LOGIN_ERR_TOO_OFTEN,
  'login-under-way': LoginError.LOGIN_ERR_TOO_OFTEN,
  // Without a code of their own; the error has the sentence.
  'invalid-proof': LoginError.LOGIN_ERR_UNKNOWN,
  'remote-login': LoginError.LOGIN_ERR_UNKNOWN,
  kicked: LoginError.LOGIN_ERR_UNKNOWN,
  'unsupported-version': LoginError.LOGIN_ERR_UNKNOWN,
  overload: LoginError.LOGIN_ERR_UNKNOWN,
  'no-server-named': LoginError.LOGIN_ERR_UNKNOWN,
} satisfies Record<Failure<LoginOutcome> | 'login-under-way', LoginError>

export const logoutCodes = { 'not-logged-in': LogoutError.LOGOUT_ERR_USER_NOT_LOGGED_IN }

export const renewTokenCodes = {
  'not-judged': RenewTokenError.RENEW_TOKEN_ERR_FAILURE,
  'token-replaced': RenewTokenError.RENEW_TOKEN_ERR_FAILURE,
  aborted: RenewTokenError.RENEW_TOKEN_ERR_FAILURE,
  'no-token': RenewTokenError.RENEW_TOKEN_ERR_INVALID_ARGUMENT,
  'too-often': RenewTokenError.RENEW_TOKEN_ERR_TOO_OFTEN,
  'token-expired': RenewTokenError.RENEW_TOKEN_ERR_TOKEN_EXPIRED,
  'invalid-token': RenewTokenError.RENEW_TOKEN_ERR_INVALID_TOKEN,
  'not-authorized': RenewTokenError.RENEW_TOKEN_ERR_INVALID_TOKEN,
  'not-logged-in': RenewTokenError.RENEW_TOKEN_ERR_USER_NOT_LOGGED_IN,
} satisfies Record<Failure<RenewTokenOutcome>, RenewTokenError>

/** A peer that is offline is an answer here. */
export const peerMessageCodes = {
  overflow: PeerMessageError.PEER_MESSAGE_ERR_FAILURE,
  timeout: PeerMessageError.PEER_MESSAGE_ERR_TIMEOUT,
  aborted: PeerMessageError.PEER_MESSAGE_ERR_TIMEOUT,
  'too-often': PeerMessageError.PEER_MESSAGE_ERR_TOO_OFTEN,
  'invalid-user-id': PeerMessageError.PEER_MESSAGE_ERR_INVALID_USERID,
  'invalid-message': PeerMessageError.PEER_MESSAGE_ERR_INVALID_MESSAGE,
  'message-too-large': PeerMessageError.PEER_MESSAGE_ERR_INVALID_MESSAGE,
  'not-logged-in': PeerMessageError.PEER_MESSAGE_ERR_USER_NOT_LOGGED_IN,
} satisfies Record<
  Exclude<Failure<PeerSendOutcome>, 'peer-unreachable' | 'cached'> | 'message-too-large',
  PeerMessageError
>

export const channelMessageCodes = {
  overflow: ChannelMessageError.CHANNEL_MESSAGE_ERR_FAILURE,
  timeout: ChannelMessageError.CHANNEL_MESSAGE_ERR_TIMEOUT,
  aborted: ChannelMessageError.CHANNEL_MESSAGE_ERR_TIMEOUT,
  'too-often': ChannelMessageError.CHANNEL_MESSAGE_ERR_TOO_OFTEN,
  'invalid-message': ChannelMessageError.CHANNEL_MESSAGE_ERR_INVALID_MESSAGE,
  'message-too-large': ChannelMessageError.CHANNEL_MESSAGE_ERR_INVALID_MESSAGE,
  'not-in-channel': ChannelMessageError.CHANNEL_MESSAGE_ERR_NOT_IN_CHANNEL,
  'not-logged-in': ChannelMessageError.CHANNEL_MESSAGE_ERR_USER_NOT_LOGGED_IN,
} satisfies Record<Failure<ChannelSendOutcome> | 'message-too-large', ChannelMessageError>

export const joinChannelCodes = {
  left: JoinChannelError.JOIN_CHANNEL_ERR_FAILURE,
  failure: JoinChannelError.JOIN_CHANNEL_ERR_FAILURE,
  timeout: JoinChannelError.JOIN_CHANNEL_TIMEOUT,
  aborted: JoinChannelError.JOIN_CHANNEL_TIMEOUT,
  'too-many-channels': JoinChannelError.JOIN_CHANNEL_ERR_EXCEED_LIMIT,
  'already-joined': JoinChannelError.JOIN_CHANNEL_ERR_ALREADY_JOINED,
  'joined-by-another': JoinChannelError.JOIN_CHANNEL_ERR_ALREADY_JOINED_CHANNEL_OF_SAME_ID,
  'too-often': JoinChannelError.JOIN_CHANNEL_ERR_TOO_OFTEN,
  'same-channel-too-often': JoinChannelError.JOIN_CHANNEL_ERR_JOIN_SAME_CHANNEL_TOO_OFTEN,
  'not-logged-in': JoinChannelError.JOIN_CHANNEL_ERR_USER_NOT_LOGGED_IN,
} satisfies Record<Failure<JoinOutcome> | 'joined-by-another', JoinChannelError>

export const leaveChannelCodes = {
  aborted: LeaveChannelError.LEAVE_CHANNEL_ERR_FAILURE,
  'not-in-channel': LeaveChannelError.LEAVE_CHANNEL_ERR_NOT_IN_CHANNEL,
  'not-logged-in': LeaveChannelError.LEAVE_CHANNEL_ERR_USER_NOT_LOGGED_IN,
} satisfies Record<Failure<LeaveOutcome>, LeaveChannelError>

export const getMembersCodes = {
  aborted: GetMembersError.GET_MEMBERS_ERR_TIMEOUT,
  'too-often': GetMembersError.GET_MEMBERS_ERR_TOO_OFTEN,
  'not-in-channel': GetMembersError.GET_MEMBERS_ERR_NOT_IN_CHANNEL,
  'not-logged-in': GetMembersError.GET_MEMBERS_ERR_USER_NOT_LOGGED_IN,
} satisfies Record<Failure<MembersOutcome>, GetMembersError>

export const queryPeersOnlineCodes = {
  failure: QueryPeersOnlineStatusError.QUERY_PEERS_ONLINE_STATUS_ERR_FAILURE,
  'invalid-peer-ids': QueryPeersOnlineStatusError.QUERY_PEERS_ONLINE_STATUS_ERR_INVALID_ARGUMENT,
  'too-many-peers': QueryPeersOnlineStatusError.QUERY_PEERS_ONLINE_STATUS_ERR_INVALID_ARGUMENT,
  'too-often': QueryPeersOnlineStatusError.QUERY_PEERS_ONLINE_STATUS_ERR_TOO_OFTEN,
  timeout: QueryPeersOnlineStatusError.QUERY_PEERS_ONLINE_STATUS_ERR_TIMEOUT,
  aborted: QueryPeersOnlineStatusError.QUERY_PEERS_ONLINE_STATUS_ERR_TIMEOUT,
  'not-logged-in': QueryPeersOnlineStatusError.QUERY_PEERS_ONLINE_STATUS_ERR_USER_NOT_LOGGED_IN,
} satisfies Record<Failure<PeersOnlineOutcome> | 'too-many-peers', QueryPeersOnlineStatusError>

export const subscribePeersCodes = {
  failure: PeerSubscriptionStatusError.PEER_SUBSCRIPTION_STATUS_ERR_FAILURE,
  'invalid-peer-ids': PeerSubscriptionStatusError.PEER_SUBSCRIPTION_STATUS_ERR_INVALID_ARGUMENT,
  'too-many-subscriptions': PeerSubscriptionStatusError.PEER_SUBSCRIPTION_STATUS_ERR_OVERFLOW,
  'too-often': PeerSubscriptionStatusError.PEER_SUBSCRIPTION_STATUS_ERR_TOO_OFTEN,
  timeout: PeerSubscriptionStatusError.PEER_SUBSCRIPTION_STATUS_ERR_TIMEOUT,
  aborted: PeerSubscriptionStatusError.PEER_SUBSCRIPTION_STATUS_ERR_TIMEOUT,
  'not-logged-in': PeerSubscriptionStatusError.PEER_SUBSCRIPTION_STATUS_ERR_USER_NOT_LOGGED_IN,
} satisfies Record<Failure<SubscribeOutcome>, PeerSubscriptionStatusError>

export const queryPeersBySubscriptionOptionCodes = {
  'unknown-option': QueryPeersBySubscriptionOptionError.QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR_FAILURE,
  'too-often': QueryPeersBySubscriptionOptionError.QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR_TOO_OFTEN,
  aborted: QueryPeersBySubscriptionOptionError.QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR_TIMEOUT,
  'not-logged-in':
    QueryPeersBySubscriptionOptionError.QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR_USER_NOT_LOGGED_IN,
} satisfies Record<Failure<SubscriptionsOutcome>, QueryPeersBySubscriptionOptionError>

export const channelMemberCountCodes = {
  failure: GetChannelMemberCountErrCode.GET_CHANNEL_MEMBER_COUNT_ERR_FAILURE,
  'invalid-channel-ids': GetChannelMemberCountErrCode.GET_CHANNEL_MEMBER_COUNT_ERR_INVALID_ARGUMENT,
  'too-many-counted-channels': GetChannelMemberCountErrCode.GET_CHANNEL_MEMBER_COUNT_ERR_EXCEED_LIMIT,
  'too-often': GetChannelMemberCountErrCode.GET_CHANNEL_MEMBER_COUNT_ERR_TOO_OFTEN,
  timeout: GetChannelMemberCountErrCode.GET_CHANNEL_MEMBER_COUNT_ERR_TIMEOUT,
  aborted: GetChannelMemberCountErrCode.GET_CHANNEL_MEMBER_COUNT_ERR_TIMEOUT,
  'not-logged-in': GetChannelMemberCountErrCode.GET_CHANNEL_MEMBER_COUNT_ERR_USER_NOT_LOGGED_IN,
} satisfies Record<Failure<MemberCountsOutcome>, GetChannelMemberCountErrCode>

export const attributeCodes = {
  failure: AttributeOperationError.ATTRIBUTE_OPERATION_ERR_FAILURE,
  overflow: AttributeOperationError.ATTRIBUTE_OPERATION_ERR_FAILURE,
  'invalid-attributes': AttributeOperationError.ATTRIBUTE_OPERATION_ERR_INVALID_ARGUMENT,
  'invalid-keys': AttributeOperationError.ATTRIBUTE_OPERATION_ERR_INVALID_ARGUMENT,
  'invalid-user-id': AttributeOperationError.ATTRIBUTE_OPERATION_ERR_INVALID_ARGUMENT,
  'invalid-channel-id': AttributeOperationError.ATTRIBUTE_OPERATION_ERR_INVALID_ARGUMENT,
  'size-overflow': AttributeOperationError.ATTRIBUTE_OPERATION_ERR_SIZE_OVERFLOW,
  'too-often': AttributeOperationError.ATTRIBUTE_OPERATION_ERR_TOO_OFTEN,
  'user-not-found': AttributeOperationError.ATTRIBUTE_OPERATION_ERR_USER_NOT_FOUND,
  timeout: AttributeOperationError.ATTRIBUTE_OPERATION_ERR_TIMEOUT,
  aborted: AttributeOperationError.ATTRIBUTE_OPERATION_ERR_TIMEOUT,
  'not-logged-in': AttributeOperationError.ATTRIBUTE_OPERATION_ERR_USER_NOT_LOGGED_IN,
} satisfies Record<
  Failure<UserWriteOutcome | ChannelWriteOutcome | UserReadOutcome | ChannelReadOutcome>,
  AttributeOperationError
>
