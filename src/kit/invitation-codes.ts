import type {
  InvitationOutcome,
  LocalFailure,
  LocalState,
  RemoteFailure,
  RemoteState,
} from '../rtm/invitations/invitation.ts'
import {
  AgoraRtmInvitationApiCallErrorCode,
  AgoraRtmLocalInvitationErrorCode,
  AgoraRtmRemoteInvitationErrorCode,
} from './invitation-error-codes.ts'
import { AgoraRtmLocalInvitationState, AgoraRtmRemoteInvitationState } from './states.ts'

/** What the engine says of invitations, in the API's numbers. */

export const localInvitationStates = {
  idle: AgoraRtmLocalInvitationState.Idle,
  sent: AgoraRtmLocalInvitationState.SentToRemote,
  received: AgoraRtmLocalInvitationState.ReceivedByRemote,
  accepted: AgoraRtmLocalInvitationState.AcceptedByRemote,
  refused: AgoraRtmLocalInvitationState.RefusedByRemote,
  canceled: AgoraRtmLocalInvitationState.Canceled,
  failed: AgoraRtmLocalInvitationState.Failure,
} satisfies Record<LocalState, AgoraRtmLocalInvitationState>

export const remoteInvitationStates = {
  received: AgoraRtmRemoteInvitationState.InvitationReceived,
  'accept-sent': AgoraRtmRemoteInvitationState.AcceptSentToLocal,
  accepted: AgoraRtmRemoteInvitationState.Accepted,
  refused: AgoraRtmRemoteInvitationState.Refused,
  canceled: AgoraRtmRemoteInvitationState.Canceled,
  failed: AgoraRtmRemoteInvitationState.Failure,
} satisfies Record<RemoteState, AgoraRtmRemoteInvitationState>

export const localInvitationFailures = {
  'remote-offline': AgoraRtmLocalInvitationErrorCode.RemoteOffline,
  'remote-no-response': AgoraRtmLocalInvitationErrorCode.RemoteNoResponse,
  expired: AgoraRtmLocalInvitationErrorCode.Expire,
  'not-logged-in': AgoraRtmLocalInvitationErrorCode.NotLoggedIn,
} satisfies Record<LocalFailure, AgoraRtmLocalInvitationErrorCode>

export const remoteInvitationFailures = {
  'local-offline': AgoraRtmRemoteInvitationErrorCode.LocalOffline,
  'accept-failure': AgoraRtmRemoteInvitationErrorCode.AcceptFailure,
  expired: AgoraRtmRemoteInvitationErrorCode.Expire,
} satisfies Record<RemoteFailure, AgoraRtmRemoteInvitationErrorCode>

export const invitationApiCallCodes = {
  ok: AgoraRtmInvitationApiCallErrorCode.Ok,
  'invalid-invitation': AgoraRtmInvitationApiCallErrorCode.InvalidAugment,
  'invitation-not-sent': AgoraRtmInvitationApiCallErrorCode.NotStarted,
  'invitation-ended': AgoraRtmInvitationApiCallErrorCode.AlreadyEnd,
  'invitation-accepted': AgoraRtmInvitationApiCallErrorCode.AlreadyAccept,
  'invitation-sent': AgoraRtmInvitationApiCallErrorCode.AlreadySent,
} satisfies Record<InvitationOutcome, AgoraRtmInvitationApiCallErrorCode>
