import type { LocalInvitationFailureReason, RemoteInvitationFailureReason } from './status-codes.ts'

/** Events of a `LocalInvitation`. */
export interface LocalInvitationEvents {
  /** The callee has accepted, and knows that this user knows. */
  LocalInvitationAccepted: (response: string) => void
  /** The callee has refused. */
  LocalInvitationRefused: (response: string) => void
  /** The callee has the invitation. It has 60 s to answer. */
  LocalInvitationReceivedByPeer: () => void
  /** `cancel` took the invitation back; the callee is told. */
  LocalInvitationCanceled: () => void
  /**
   * The invitation is over. PEER_OFFLINE: the callee was offline for the first 30 s, or has logged out since.
   * PEER_NO_RESPONSE: it was online and gave no sign for 30 s, or its acceptance came too late. INVITATION_EXPIRE: no
   * answer for 60 s after it had the invitation. NOT_LOGGEDIN: this user is not logged in, or is no longer.
   */
  LocalInvitationFailure: (reason: LocalInvitationFailureReason) => void
}

/** Events of a `RemoteInvitation`. */
export interface RemoteInvitationEvents {
  /** The caller took the invitation back; `content` is what it said. */
  RemoteInvitationCanceled: (content: string) => void
  /** This user has refused, and the caller knows or does not listen any more. */
  RemoteInvitationRefused: () => void
  /** The caller knows that this user has accepted. */
  RemoteInvitationAccepted: () => void
  /**
   * The invitation is over. PEER_OFFLINE: the caller is offline, or this user is not logged in any more.
   * ACCEPT_FAILURE: the caller did not confirm the acceptance in 10 s (20 s where the link to it is broken).
   * INVITATION_EXPIRE: it was not answered in 60 s.
   */
  RemoteInvitationFailure: (reason: RemoteInvitationFailureReason) => void
}
