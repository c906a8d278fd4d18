import type { LocalFailure, LocalState, RemoteFailure, RemoteState } from '../rtm/invitations/invitation.ts'
import type {
  ConnectionChangeReason as EngineReason,
  ConnectionState as EngineState,
} from '../rtm/session.ts'
import type { OnlineState } from '../rtm/sightings.ts'
import {
  ConnectionChangeReason,
  ConnectionState,
  LocalInvitationFailureReason,
  LocalInvitationState,
  PeerOnlineState,
  RemoteInvitationFailureReason,
  RemoteInvitationState,
} from './status-codes.ts'

/** What the engine says of states, in the API's texts. */

export const connectionStates = {
  disconnected: ConnectionState.DISCONNECTED,
  connecting: ConnectionState.CONNECTING,
  connected: ConnectionState.CONNECTED,
  reconnecting: ConnectionState.RECONNECTING,
  aborted: ConnectionState.ABORTED,
} satisfies Record<EngineState, ConnectionState>

export const connectionChangeReasons = {
  login: ConnectionChangeReason.LOGIN,
  'login-success': ConnectionChangeReason.LOGIN_SUCCESS,
  'login-failure': ConnectionChangeReason.LOGIN_FAILURE,
  'login-timeout': ConnectionChangeReason.LOGIN_TIMEOUT,
  interrupted: ConnectionChangeReason.INTERRUPTED,
  logout: ConnectionChangeReason.LOGOUT,
  'banned-by-server': ConnectionChangeReason.BANNED_BY_SERVER,
  'remote-login': ConnectionChangeReason.REMOTE_LOGIN,
  'token-expired': ConnectionChangeReason.TOKEN_EXPIRED,
} satisfies Record<EngineReason, ConnectionChangeReason>

export const onlineStates = {
  online: PeerOnlineState.ONLINE,
  unreachable: PeerOnlineState.UNREACHABLE,
  offline: PeerOnlineState.OFFLINE,
} satisfies Record<OnlineState, PeerOnlineState>

export const localInvitationStates = {
  idle: LocalInvitationState.IDLE,
  sent: LocalInvitationState.SENT_TO_REMOTE,
  received: LocalInvitationState.RECEIVED_BY_REMOTE,
  accepted: LocalInvitationState.ACCEPTED_BY_REMOTE,
  refused: LocalInvitationState.REFUSED_BY_REMOTE,
  canceled: LocalInvitationState.CANCELED,
  failed: LocalInvitationState.FAILURE,
} satisfies Record<LocalState, LocalInvitationState>

export const remoteInvitationStates = {
  received: RemoteInvitationState.INVITATION_RECEIVED,
  'accept-sent': RemoteInvitationState.ACCEPT_SENT_TO_LOCAL,
  accepted: RemoteInvitationState.ACCEPTED,
  refused: RemoteInvitationState.REFUSED,
  canceled: RemoteInvitationState.CANCELED,
  failed: RemoteInvitationState.FAILURE,
} satisfies Record<RemoteState, RemoteInvitationState>

export const localInvitationFailures = {
  'remote-offline': LocalInvitationFailureReason.PEER_OFFLINE,
  'remote-no-response': LocalInvitationFailureReason.PEER_NO_RESPONSE,
  expired: LocalInvitationFailureReason.INVITATION_EXPIRE,
  'not-logged-in': LocalInvitationFailureReason.NOT_LOGGEDIN,
} satisfies Record<LocalFailure, LocalInvitationFailureReason>

export const remoteInvitationFailures = {
  'local-offline': RemoteInvitationFailureReason.PEER_OFFLINE,
  'accept-failure': RemoteInvitationFailureReason.ACCEPT_FAILURE,
  expired: RemoteInvitationFailureReason.INVITATION_EXPIRE,
} satisfies Record<RemoteFailure, RemoteInvitationFailureReason>
