/** What `RtmErrorCode` has: the numbers that the `code` of an error may be, by the call that ends with it. */

/** Why `createInstance` throws. */
export enum CreateInstanceError {
  /** The app id is not 32 visible ASCII characters, or the configuration is not well-formed. */
  CREATE_INSTANCE_ERR_INVALID_ARGUMENT = 1,
}

/** Why `createChannel` throws. */
export enum CreateChannelError {
  /** The channel id is not well-formed. */
  CREATE_CHANNEL_ERR_INVALID_ARGUMENT = 1,
}

/** Why `login` rejects. */
export enum LoginError {
  /** Failed for a reason without a code of its own; the message of the error says which. */
  LOGIN_ERR_UNKNOWN = 1,
  /** Reserved: never given. */
  LOGIN_ERR_REJECTED = 2,
  /** The user id is not well-formed, or the token is no text. */
  LOGIN_ERR_INVALID_ARGUMENT = 3,
  /** The signaling server does not serve this app id. */
  LOGIN_ERR_INVALID_APP_ID = 4,
  /** The token is not valid for this app and user. */
  LOGIN_ERR_INVALID_TOKEN = 5,
  /** The token has expired. */
  LOGIN_ERR_TOKEN_EXPIRED = 6,
  /** The token does not allow to log in, or the user is banned. */
  LOGIN_ERR_NOT_AUTHORIZED = 7,
  /** Logged in, or aborted: log out first. */
  LOGIN_ERR_ALREADY_LOGIN = 8,
  /** No login within 12 s. */
  LOGIN_ERR_TIMEOUT = 9,
  /** More than 2 calls a second, or a login is under way. */
  LOGIN_ERR_TOO_OFTEN = 10,
}

/** Why `logout` rejects. */
export enum LogoutError {
  /** Nobody is logged in. */
  LOGOUT_ERR_USER_NOT_LOGGED_IN = 102,
}

/** Why `renewToken` rejects. */
export enum RenewTokenError {
  /** Failed for a reason without a code of its own; the message of the error says which. */
  RENEW_TOKEN_ERR_FAILURE = 1,
  /** No token. */
  RENEW_TOKEN_ERR_INVALID_ARGUMENT = 2,
  /** Reserved: never given. */
  RENEW_TOKEN_ERR_REJECTED = 3,
  /** More than 2 calls a second. */
  RENEW_TOKEN_ERR_TOO_OFTEN = 4,
  /** The new token has expired. */
  RENEW_TOKEN_ERR_TOKEN_EXPIRED = 5,
  /** The new token is not valid for this app and user. */
  RENEW_TOKEN_ERR_INVALID_TOKEN = 6,
  /** `login` was not called, or has not succeeded. */
  RENEW_TOKEN_ERR_USER_NOT_LOGGED_IN = 102,
}

/** Why `sendMessageToPeer` rejects. */
export enum PeerMessageError {
  /** Too much is waiting to be sent to this peer, or is kept for offline ones. */
  PEER_MESSAGE_ERR_FAILURE = 1,
  /** Not acknowledged within 10 s: it may still arrive. */
  PEER_MESSAGE_ERR_TIMEOUT = 2,
  /** More than 180 messages, peer and channel together, in 3 s. */
  PEER_MESSAGE_ERR_TOO_OFTEN = 5,
  /** The user id is not well-formed. */
  PEER_MESSAGE_ERR_INVALID_USERID = 6,
  /** No message, or more than 32 KB. */
  PEER_MESSAGE_ERR_INVALID_MESSAGE = 7,
  /** Reserved: never given. */
  PEER_MESSAGE_ERR_INCOMPATIBLE_MESSAGE = 8,
  /** `login` was not called, or has not succeeded. */
  PEER_MESSAGE_ERR_USER_NOT_LOGGED_IN = 102,
}

/** Why a channel's `sendMessage` rejects. */
export enum ChannelMessageError {
  /** Too much is waiting to be sent. */
  CHANNEL_MESSAGE_ERR_FAILURE = 1,
  /** Members are online and none acknowledged within 10 s: it may still arrive. */
  CHANNEL_MESSAGE_ERR_TIMEOUT = 2,
  /** More than 180 messages, peer and channel together, in 3 s. */
  CHANNEL_MESSAGE_ERR_TOO_OFTEN = 3,
  /** No message, or more than 32 KB. */
  CHANNEL_MESSAGE_ERR_INVALID_MESSAGE = 4,
  /** This channel object has not joined. */
  CHANNEL_MESSAGE_ERR_NOT_IN_CHANNEL = 5,
  /** `login` was not called, or has not succeeded. */
  CHANNEL_MESSAGE_ERR_USER_NOT_LOGGED_IN = 102,
}

/** Why `join` rejects. */
export enum JoinChannelError {
  /** Failed for a reason without a code of its own; the message of the error says which. */
  JOIN_CHANNEL_ERR_FAILURE = 1,
  /** Reserved: never given. */
  JOIN_CHANNEL_ERR_REJECTED = 2,
  /** Reserved: `createChannel` throws. */
  JOIN_CHANNEL_ERR_INVALID_ARGUMENT = 3,
  /** No answer within 5 s. */
  JOIN_CHANNEL_TIMEOUT = 4,
  /** This user is in 20 channels. */
  JOIN_CHANNEL_ERR_EXCEED_LIMIT = 5,
  /** Joined already, or being joined. */
  JOIN_CHANNEL_ERR_ALREADY_JOINED = 6,
  /** More than 50 joins in 3 s. */
  JOIN_CHANNEL_ERR_TOO_OFTEN = 7,
  /** More than 2 joins of this channel in 5 s. */
  JOIN_CHANNEL_ERR_JOIN_SAME_CHANNEL_TOO_OFTEN = 8,
  /** `login` was not called, or has not succeeded. */
  JOIN_CHANNEL_ERR_USER_NOT_LOGGED_IN = 102,
  /** Another object of this client has joined the channel, or is joining it. */
  JOIN_CHANNEL_ERR_ALREADY_JOINED_CHANNEL_OF_SAME_ID = 202,
}

/** Why `leave` rejects. */
export enum LeaveChannelError {
  /** Failed for a reason without a code of its own; the message of the error says which. */
  LEAVE_CHANNEL_ERR_FAILURE = 1,
  /** Reserved: never given. */
  LEAVE_CHANNEL_ERR_REJECTED = 2,
  /** This channel object has not joined. */
  LEAVE_CHANNEL_ERR_NOT_IN_CHANNEL = 3,
  /** `login` was not called, or has not succeeded. */
  LEAVE_CHANNEL_ERR_USER_NOT_LOGGED_IN = 102,
}

/** Why `getMembers` rejects. */
export enum GetMembersError {
  /** Reserved: never given. */
  GET_MEMBERS_ERR_FAILURE = 1,
  /** Reserved: never given. */
  GET_MEMBERS_ERR_REJECTED = 2,
  /** No answer within 5 s. */
  GET_MEMBERS_ERR_TIMEOUT = 3,
  /** More than 5 calls in 2 s. */
  GET_MEMBERS_ERR_TOO_OFTEN = 4,
  /** This channel object has not joined. */
  GET_MEMBERS_ERR_NOT_IN_CHANNEL = 5,
  /** `login` was not called, or has not succeeded. */
  GET_MEMBERS_ERR_USER_NOT_LOGGED_IN = 102,
}

/** Why `getChannelMemberCount` rejects. */
export enum GetChannelMemberCountErrCode {
  /** Failed for a reason without a code of its own; the message of the error says which. */
  GET_CHANNEL_MEMBER_COUNT_ERR_FAILURE = 1,
  /** A channel id is not well-formed, or the list is empty. */
  GET_CHANNEL_MEMBER_COUNT_ERR_INVALID_ARGUMENT = 2,
  /** More than 1 call a second. */
  GET_CHANNEL_MEMBER_COUNT_ERR_TOO_OFTEN = 3,
  /** No answer within 5 s. */
  GET_CHANNEL_MEMBER_COUNT_ERR_TIMEOUT = 4,
  /** More than 32 channels. */
  GET_CHANNEL_MEMBER_COUNT_ERR_EXCEED_LIMIT = 5,
  /** The client was destroyed. */
  GET_CHANNEL_MEMBER_COUNT_ERR_NOT_INITIALIZED = 101,
  /** `login` was not called, or has not succeeded. */
  GET_CHANNEL_MEMBER_COUNT_ERR_USER_NOT_LOGGED_IN = 102,
}

/** Why `queryPeersOnlineStatus` rejects. */
export enum QueryPeersOnlineStatusError {
  /** Failed for a reason without a code of its own; the message of the error says which. */
  QUERY_PEERS_ONLINE_STATUS_ERR_FAILURE = 1,
  /** A user id is not well-formed, or the list is empty or longer than 256. */
  QUERY_PEERS_ONLINE_STATUS_ERR_INVALID_ARGUMENT = 2,
  /** Reserved: never given. */
  QUERY_PEERS_ONLINE_STATUS_ERR_REJECTED = 3,
  /** No answer within 10 s. */
  QUERY_PEERS_ONLINE_STATUS_ERR_TIMEOUT = 4,
  /** More than 10 calls in 5 s. */
  QUERY_PEERS_ONLINE_STATUS_ERR_TOO_OFTEN = 5,
  /** `login` was not called, or has not succeeded. */
  QUERY_PEERS_ONLINE_STATUS_ERR_USER_NOT_LOGGED_IN = 102,
}

/** Why `subscribePeersOnlineStatus` and `unsubscribePeersOnlineStatus` reject. */
export enum PeerSubscriptionStatusError {
  /** Failed for a reason without a code of its own; the message of the error says which. */
  PEER_SUBSCRIPTION_STATUS_ERR_FAILURE = 1,
  /** A user id is not well-formed, or the list is empty. */
  PEER_SUBSCRIPTION_STATUS_ERR_INVALID_ARGUMENT = 2,
  /** Reserved: never given. */
  PEER_SUBSCRIPTION_STATUS_ERR_REJECTED = 3,
  /** No answer within 10 s. */
  PEER_SUBSCRIPTION_STATUS_ERR_TIMEOUT = 4,
  /** More than 10 calls in 5 s. */
  PEER_SUBSCRIPTION_STATUS_ERR_TOO_OFTEN = 5,
  /** More than 512 subscribed peers. */
  PEER_SUBSCRIPTION_STATUS_ERR_OVERFLOW = 6,
  /** `login` was not called, or has not succeeded. */
  PEER_SUBSCRIPTION_STATUS_ERR_USER_NOT_LOGGED_IN = 102,
}

/** Why `queryPeersBySubscriptionOption` rejects. */
export enum QueryPeersBySubscriptionOptionError {
  /** The option is not known. */
  QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR_FAILURE = 1,
  /** The client was aborted. */
  QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR_TIMEOUT = 2,
  /** More than 10 calls in 5 s. */
  QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR_TOO_OFTEN = 3,
  /** `login` was not called, or has not succeeded. */
  QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR_USER_NOT_LOGGED_IN = 102,
}

/** Why the attribute calls reject. */
export enum AttributeOperationError {
  /** Failed for a reason without a code of its own; the message of the error says which. */
  ATTRIBUTE_OPERATION_ERR_FAILURE = 2,
  /** A key, value or id is not well-formed. */
  ATTRIBUTE_OPERATION_ERR_INVALID_ARGUMENT = 3,
  /** An attribute, their number or their total is too large. */
  ATTRIBUTE_OPERATION_ERR_SIZE_OVERFLOW = 4,
  /** Too many calls in 5 s. */
  ATTRIBUTE_OPERATION_ERR_TOO_OFTEN = 5,
  /** The user is offline. */
  ATTRIBUTE_OPERATION_ERR_USER_NOT_FOUND = 6,
  /** No answer within 5 s. */
  ATTRIBUTE_OPERATION_ERR_TIMEOUT = 7,
  /** `login` was not called, or has not succeeded. */
  ATTRIBUTE_OPERATION_ERR_USER_NOT_LOGGED_IN = 102,
}

/** Why the methods of invitations throw. */
export enum InvitationApiCallError {
  /** Content or response over 8 KB, channel id over 64 bytes, or a callee id that is not well-formed. */
  INVITATION_API_CALL_ERR_INVALID_ARGUMENT = 1,
  /** It was not sent yet. */
  INVITATION_API_CALL_ERR_NOT_STARTED = 2,
  /** It is over. */
  INVITATION_API_CALL_ERR_ALREADY_END = 3,
  /** It was accepted before. */
  INVITATION_API_CALL_ERR_ALREADY_ACCEPT = 4,
  /** It was sent before. */
  INVITATION_API_CALL_ERR_ALREADY_SENT = 5,
}
