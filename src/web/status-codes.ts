/** What `RtmStatusCode` has: states and reasons as texts, each equal to its own name. */

/** Why the connection state changed. */
export enum ConnectionChangeReason {
  /** `login` was called. */
  LOGIN = 'LOGIN',
  /** Logged in, or back after a gap. */
  LOGIN_SUCCESS = 'LOGIN_SUCCESS',
  /** The login was refused. */
  LOGIN_FAILURE = 'LOGIN_FAILURE',
  /** No login within 12 s. */
  LOGIN_TIMEOUT = 'LOGIN_TIMEOUT',
  /** The connection was lost more than 4 s ago. */
  INTERRUPTED = 'INTERRUPTED',
  /** `logout` was called. */
  LOGOUT = 'LOGOUT',
  /** The server ended this login. */
  BANNED_BY_SERVER = 'BANNED_BY_SERVER',
  /** The same user logged in elsewhere. */
  REMOTE_LOGIN = 'REMOTE_LOGIN',
  /** The 007 token of this login expired. */
  TOKEN_EXPIRED = 'TOKEN_EXPIRED',
}

/** How the connection stands. */
export enum ConnectionState {
  /** Initial state, and the state after a logout or a failed login. */
  DISCONNECTED = 'DISCONNECTED',
  /** Logging in. */
  CONNECTING = 'CONNECTING',
  /** Logged in. */
  CONNECTED = 'CONNECTED',
  /** The connection was lost more than 4 s ago; the client tries to return by itself, for ever. */
  RECONNECTING = 'RECONNECTING',
  /** The client has given up, as the same user logged in elsewhere, the server banned it or its 007 token expired. `logout` leads out. */
  ABORTED = 'ABORTED',
}

/** How an invitation stands with its caller. */
export enum LocalInvitationState {
  /** Not sent yet. */
  IDLE = 'IDLE',
  /** Sent; for internal use. */
  SENT_TO_REMOTE = 'SENT_TO_REMOTE',
  /** The callee has it. */
  RECEIVED_BY_REMOTE = 'RECEIVED_BY_REMOTE',
  /** The callee accepted. */
  ACCEPTED_BY_REMOTE = 'ACCEPTED_BY_REMOTE',
  /** The callee refused. */
  REFUSED_BY_REMOTE = 'REFUSED_BY_REMOTE',
  /** The caller took it back. */
  CANCELED = 'CANCELED',
  /** It failed. */
  FAILURE = 'FAILURE',
}

/** How an invitation stands with its callee. */
export enum RemoteInvitationState {
  /** Received. */
  INVITATION_RECEIVED = 'INVITATION_RECEIVED',
  /** Accepted, and the caller is being told; for internal use. */
  ACCEPT_SENT_TO_LOCAL = 'ACCEPT_SENT_TO_LOCAL',
  /** Refused. */
  REFUSED = 'REFUSED',
  /** Accepted, and the caller knows. */
  ACCEPTED = 'ACCEPTED',
  /** The caller took it back. */
  CANCELED = 'CANCELED',
  /** It failed. */
  FAILURE = 'FAILURE',
}

/** Why an invitation failed for its caller. */
export enum LocalInvitationFailureReason {
  /** Reserved: never given. */
  UNKNOWN = 'UNKNOWN',
  /** The callee is online and did not answer for 30 s. */
  PEER_NO_RESPONSE = 'PEER_NO_RESPONSE',
  /** Neither accepted nor refused within 60 s. */
  INVITATION_EXPIRE = 'INVITATION_EXPIRE',
  /** The callee was offline for 30 s. */
  PEER_OFFLINE = 'PEER_OFFLINE',
  /** The caller is not logged in. */
  NOT_LOGGEDIN = 'NOT_LOGGEDIN',
}

/** Why an invitation failed for its callee. */
export enum RemoteInvitationFailureReason {
  /** Reserved: never given. */
  UNKNOWN = 'UNKNOWN',
  /** The caller is offline. */
  PEER_OFFLINE = 'PEER_OFFLINE',
  /** The caller did not confirm the acceptance. */
  ACCEPT_FAILURE = 'ACCEPT_FAILURE',
  /** Neither accepted nor refused within 60 s. */
  INVITATION_EXPIRE = 'INVITATION_EXPIRE',
}

/** Whether a peer can be reached. */
export enum PeerOnlineState {
  /** Logged in and heard of. */
  ONLINE = 'ONLINE',
  /** Nothing heard of it for 7 s. */
  UNREACHABLE = 'UNREACHABLE',
  /** Not logged in, or nothing heard of it for 31 s. */
  OFFLINE = 'OFFLINE',
}

/** What of a peer is subscribed. */
export enum PeerSubscriptionOption {
  /** Its online status. */
  ONLINE_STATUS = 'ONLINE_STATUS',
}

/** What a message carries. */
export enum MessageType {
  /** Text. */
  TEXT = 'TEXT',
  /** Raw data with a description. */
  RAW = 'RAW',
}

/** Areas by their former names. */
export enum LegacyAreaCode {
  /** Mainland China. */
  CN = 'CN',
  /** North America. */
  NA = 'NA',
  /** Europe. */
  EU = 'EU',
  /** Asia without mainland China. */
  AS = 'AS',
  /** Japan. */
  JP = 'JP',
  /** India. */
  IN = 'IN',
  /** Everywhere. */
  GLOB = 'GLOB',
  /** Oceania. */
  OC = 'OC',
  /** South America. */
  SA = 'SA',
  /** Africa. */
  AF = 'AF',
  /** Everywhere but mainland China. */
  OVS = 'OVS',
}

/** Parts of the world: where a page is, or where a signaling server is meant for. */
export enum AreaCode {
  /** Everywhere. */
  GLOBAL = 'GLOBAL',
  /** India. */
  INDIA = 'INDIA',
  /** Japan. */
  JAPAN = 'JAPAN',
  /** Asia without mainland China. */
  ASIA = 'ASIA',
  /** Europe. */
  EUROPE = 'EUROPE',
  /** Mainland China. */
  CHINA = 'CHINA',
  /** North America. */
  NORTH_AMERICA = 'NORTH_AMERICA',
}
