/** What the API answers about invitations, with its numbers; named as in `error-codes.ts`. */

/** Answers of the invitation calls. */
export enum AgoraRtmInvitationApiCallErrorCode {
  /** Done. */
  Ok = 0,
  /** Not an invitation of this kit, or content or response over 8 KB. The API page spells it so. */
  InvalidAugment = 1,
  /** It was not sent yet. */
  NotStarted = 2,
  /** It is over. */
  AlreadyEnd = 3,
  /** It was accepted before. */
  AlreadyAccept = 4,
  /** It was sent before. */
  AlreadySent = 5,
}

/** Why an invitation failed for its caller. */
export enum AgoraRtmLocalInvitationErrorCode {
  /** Done. */
  Ok = 0,
  /** The callee was offline for 30 s. */
  RemoteOffline = 1,
  /** The callee is online and did not answer for 30 s. */
  RemoteNoResponse = 2,
  /** Neither accepted nor refused within 60 s. */
  Expire = 3,
  /** The caller is not logged in. */
  NotLoggedIn = 4,
}

/** Why an invitation failed for its callee. */
export enum AgoraRtmRemoteInvitationErrorCode {
  /** Done. */
  Ok = 0,
  /** The caller is offline. */
  LocalOffline = 1,
  /** The caller did not confirm the acceptance. */
  AcceptFailure = 2,
  /** Neither accepted nor refused within 60 s. */
  Expire = 3,
}
