/**
 * What the API's calls answer, with its numbers; those of invitations are in `invitation-error-codes.ts`.
 * Members drop the prefix of the API page's constants: `AgoraRtmLoginErrorTimeout` is `AgoraRtmLoginErrorCode.Timeout`.
 */

/** Answers of `getChannelMemberCount`. */
export enum AgoraRtmChannelMemberCountErrorCode {
  /** Done. */
  Ok = 0,
  /** Failed for a reason without a code of its own; the log says which. */
  Failure = 1,
  /** A channel id is not well-formed, or the list is empty. */
  InvalidArgument = 2,
  /** More than 1 call a second. */
  TooOften = 3,
  /** No answer within 5 s. */
  Timeout = 4,
  /** More than 32 channels. */
  ExceedLimit = 5,
  /** The kit, or this object of it, was destroyed. */
  NotInitialized = 101,
  /** `loginByToken` was not called, or has not succeeded. */
  NotLoggedIn = 102,
}

/** Answers of `getMembersWithCompletion`. */
export enum AgoraRtmGetMembersErrorCode {
  /** Done. */
  Ok = 0,
  /** Failed for a reason without a code of its own; the log says which. */
  Failure = 1,
  /** Reserved: never returned. */
  Rejected = 2,
  /** No answer within 5 s. */
  Timeout = 3,
  /** More than 5 calls in 2 s. */
  TooOften = 4,
  /** The channel is not joined. */
  NotInChannel = 5,
  /** The kit, or this object of it, was destroyed. */
  NotInitialized = 101,
  /** `loginByToken` was not called, or has not succeeded. */
  NotLoggedIn = 102,
}

/** Answers of `joinWithCompletion`. */
export enum AgoraRtmJoinChannelErrorCode {
  /** Done. */
  Ok = 0,
  /** Failed for a reason without a code of its own; the log says which. */
  Failure = 1,
  /** Reserved: never returned. */
  Rejected = 2,
  /** The channel id is not well-formed. */
  InvalidArgument = 3,
  /** No answer within 5 s. */
  Timeout = 4,
  /** This user is in 20 channels. */
  ExceedLimit = 5,
  /** Joined already, or being joined. */
  AlreadyJoined = 6,
  /** More than 50 joins in 3 s. */
  TooOften = 7,
  /** More than 2 joins of this channel in 5 s. */
  SameChannelTooOften = 8,
  /** The kit, or this object of it, was destroyed. */
  NotInitialized = 101,
  /** `loginByToken` was not called, or has not succeeded. */
  NotLoggedIn = 102,
}

/** Answers of `leaveWithCompletion`. */
export enum AgoraRtmLeaveChannelErrorCode {
  /** Done. */
  Ok = 0,
  /** Failed for a reason without a code of its own; the log says which. */
  Failure = 1,
  /** Reserved: never returned. */
  Rejected = 2,
  /** The channel is not joined. */
  NotInChannel = 3,
  /** The kit, or this object of it, was destroyed. */
  NotInitialized = 101,
  /** `loginByToken` was not called, or has not succeeded. */
  NotLoggedIn = 102,
}

/** Answers of `loginByToken`. */
export enum AgoraRtmLoginErrorCode {
  /** Done. */
  Ok = 0,
  /** Failed for a reason without a code of its own; the log says which. */
  Unknown = 1,
  /** Reserved: never returned. */
  Rejected = 2,
  /** The user id is not well-formed. */
  InvalidArgument = 3,
  /** The signaling server does not serve this app id. */
  InvalidAppId = 4,
  /** The token is not valid for this app and user. */
  InvalidToken = 5,
  /** The token has expired. */
  TokenExpired = 6,
  /** The token does not allow to log in, or the user is banned. */
  NotAuthorized = 7,
  /** Logged in or logging in, or aborted: log out first. */
  AlreadyLogin = 8,
  /** No login within 12 s. */
  Timeout = 9,
  /** More than 2 calls a second. */
  LoginTooOften = 10,
  /** The kit was destroyed. */
  LoginNotInitialized = 101,
}

/** Answers of `logoutWithCompletion`. */
export enum AgoraRtmLogoutErrorCode {
  /** Done. */
  Ok = 0,
  /** Reserved: never returned. */
  Rejected = 1,
  /** The kit, or this object of it, was destroyed. */
  NotInitialized = 101,
  /** Nobody is logged in. */
  NotLoggedIn = 102,
}

/** Answers of the subscription calls. */
export enum AgoraRtmPeerSubscriptionStatusErrorCode {
  /** Done. */
  Ok = 0,
  /** Failed for a reason without a code of its own; the log says which. */
  Failure = 1,
  /** A user id is not well-formed, or the list is empty. */
  InvalidArgument = 2,
  /** Reserved: never returned. */
  Rejected = 3,
  /** No answer within 10 s. */
  Timeout = 4,
  /** More than 10 calls in 5 s. */
  TooOften = 5,
  /** More than 512 subscribed peers. */
  Overflow = 6,
  /** The kit, or this object of it, was destroyed. */
  NotInitialized = 101,
  /** `loginByToken` was not called, or has not succeeded. */
  NotLoggedIn = 102,
}

/** Answers of the attribute calls. */
export enum AgoraRtmProcessAttributeErrorCode {
  /** Done. */
  Ok = 0,
  /** Reserved: never returned. */
  NotReady = 1,
  /** Failed for a reason without a code of its own; the log says which. */
  Failure = 2,
  /** A key, value or id is not well-formed. */
  InvalidArgument = 3,
  /** An attribute, their number or their total is too large. */
  SizeOverflow = 4,
  /** Too many calls in 5 s. */
  TooOften = 5,
  /** The user is offline. */
  UserNotFound = 6,
  /** No answer within 5 s. */
  Timeout = 7,
  /** The kit, or this object of it, was destroyed. */
  NotInitialized = 101,
  /** `loginByToken` was not called, or has not succeeded. */
  NotLoggedIn = 102,
}

/** Answers of `queryPeersBySubscriptionOption`. */
export enum AgoraRtmQueryPeersBySubscriptionOptionErrorCode {
  /** Done. */
  Ok = 0,
  /** Failed for a reason without a code of its own; the log says which. */
  Failure = 1,
  /** No answer within 5 s. */
  Timeout = 2,
  /** More than 10 calls in 5 s. */
  TooOften = 3,
  /** The kit, or this object of it, was destroyed. */
  NotInitialized = 101,
  /** `loginByToken` was not called, or has not succeeded. */
  NotLoggedIn = 102,
}

/** Answers of `queryPeersOnlineStatus`. */
export enum AgoraRtmQueryPeersOnlineErrorCode {
  /** Done. */
  Ok = 0,
  /** Failed for a reason without a code of its own; the log says which. */
  Failure = 1,
  /** A user id is not well-formed, or the list is empty or longer than 256. */
  InvalidArgument = 2,
  /** Reserved: never returned. */
  Rejected = 3,
  /** No answer within 10 s. */
  Timeout = 4,
  /** More than 10 calls in 5 s. */
  TooOften = 5,
  /** The kit, or this object of it, was destroyed. */
  NotInitialized = 101,
  /** `loginByToken` was not called, or has not succeeded. */
  NotLoggedIn = 102,
}

/** Answers of `renewToken`. */
export enum AgoraRtmRenewTokenErrorCode {
  /** Done. */
  Ok = 0,
  /** Failed for a reason without a code of its own; the log says which. */
  Failure = 1,
  /** No token. */
  InvalidArgument = 2,
  /** Reserved: never returned. */
  Rejected = 3,
  /** More than 2 calls a second. */
  TooOften = 4,
  /** The new token has expired. */
  TokenExpired = 5,
  /** The new token is not valid for this app and user. */
  InvalidToken = 6,
  /** The kit, or this object of it, was destroyed. */
  NotInitialized = 101,
  /** `loginByToken` was not called, or has not succeeded. */
  NotLoggedIn = 102,
}

/** Answers of a channel's `sendMessage`. */
export enum AgoraRtmSendChannelMessageErrorCode {
  /** A member has it, or no other member is online. */
  Ok = 0,
  /** The channel is not joined, or too much is waiting to be sent; the log says which. */
  Failure = 1,
  /** Members are online and none acknowledged within 10 s: it may still arrive. */
  Timeout = 2,
  /** More than 180 messages, peer and channel together, in 3 s. */
  TooOften = 3,
  /** No message, or more than 32 KB. */
  InvalidMessage = 4,
  /** The kit, or this object of it, was destroyed. */
  NotInitialized = 101,
  /** `loginByToken` was not called, or has not succeeded. */
  NotLoggedIn = 102,
}

/** Answers of the kit's `sendMessage`. */
export enum AgoraRtmSendPeerMessageErrorCode {
  /** The peer has it. */
  Ok = 0,
  /** Too much is waiting to be sent to this peer, or is kept for offline ones. */
  Failure = 1,
  /** Not acknowledged within 10 s: it may still arrive. */
  Timeout = 2,
  /** The peer is offline: it will not be delivered. */
  PeerUnreachable = 3,
  /** The peer is offline: it is kept and will be delivered when both are online. */
  CachedByServer = 4,
  /** More than 180 messages, peer and channel together, in 3 s. */
  TooOften = 5,
  /** The user id is not well-formed. */
  InvalidUserId = 6,
  /** No message, or more than 32 KB. */
  InvalidMessage = 7,
  /** The kit, or this object of it, was destroyed. */
  NotInitialized = 101,
  /** `loginByToken` was not called, or has not succeeded. */
  NotLoggedIn = 102,
}
