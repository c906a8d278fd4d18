/** States, types and options of the API, with its numbers. */

/** How the connection to the RTM system stands. */
export enum AgoraRtmConnectionState {
  /** Initial state, and the state after a logout or a failed login. */
  Disconnected = 1,
  /** Logging in. */
  Connecting = 2,
  /** Logged in. */
  Connected = 3,
  /** The connection was lost more than 4 s ago; the kit tries to return by itself, for ever. */
  Reconnecting = 4,
  /** The kit has given up, as the same user logged in elsewhere, the server banned it or its 007 token expired. `logoutWithCompletion` leads out. */
  Aborted = 5,
}

/** Why the connection state changed. */
export enum AgoraRtmConnectionChangeReason {
  /** `loginByToken` was called. */
  Login = 1,
  /** Logged in, or back after a gap. */
  LoginSuccess = 2,
  /** The login was refused. */
  LoginFailure = 3,
  /** No login within 12 s. */
  LoginTimeout = 4,
  /** The connection was lost more than 4 s ago. */
  Interrupted = 5,
  /** `logoutWithCompletion` was called. */
  Logout = 6,
  /** The server ended this login. */
  BannedByServer = 7,
  /** The same user logged in on another instance. */
  RemoteLogin = 8,
  /** The 007 token of this login expired. Beyond the API page: of version 1.5. */
  TokenExpired = 9,
}

/** What a message carries. */
export enum AgoraRtmMessageType {
  /** Not known. */
  Undefined = 0,
  /** Text. */
  Text = 1,
  /** Raw data with a description. */
  Raw = 2,
}

/** What of a peer is subscribed. */
export enum AgoraRtmPeerSubscriptionOptions {
  /** Its online status. */
  OnlineStatus = 0,
}

/** Whether a peer can be reached. The API page spells the name without `Rtm`. */
export enum AgoraPeerOnlineState {
  /** Logged in and heard of. */
  Online = 0,
  /** Nothing heard of it for 7 s. */
  Unreachable = 1,
  /** Not logged in, or nothing heard of it for 31 s. */
  Offline = 2,
}

/** How an invitation stands with its caller. */
export enum AgoraRtmLocalInvitationState {
  /** Not sent yet. */
  Idle = 0,
  /** Sent; for internal use. */
  SentToRemote = 1,
  /** The callee has it. */
  ReceivedByRemote = 2,
  /** The callee accepted. */
  AcceptedByRemote = 3,
  /** The callee refused. */
  RefusedByRemote = 4,
  /** The caller took it back. */
  Canceled = 5,
  /** It failed. */
  Failure = 6,
}

/** How an invitation stands with its callee. */
export enum AgoraRtmRemoteInvitationState {
  /** Not received yet; for internal use. */
  Idle = 0,
  /** Received. */
  InvitationReceived = 1,
  /** Accepted, and the caller is being told; for internal use. */
  AcceptSentToLocal = 2,
  /** Refused. */
  Refused = 3,
  /** Accepted, and the caller knows. */
  Accepted = 4,
  /** The caller took it back. */
  Canceled = 5,
  /** It failed. */
  Failure = 6,
}

/** Which log lines are kept; each level includes those above it. */
export enum AgoraRtmLogFilter {
  /** None. */
  Off = 0,
  /** Critical, error, warning and info lines. */
  Info = 0x000f,
  /** Critical, error and warning lines. */
  Warn = 0x000e,
  /** Critical and error lines. */
  Error = 0x000c,
  /** Critical lines. */
  Critical = 0x0008,
  /** Reserved. */
  Mask = 0x080f,
}
