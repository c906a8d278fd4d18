import type { Engine } from '../rtm/engine.ts'
import type {
  InvitationNews,
  InvitationOutcome,
  LocalInvitation,
  RemoteInvitation,
} from '../rtm/invitations/invitation.ts'
import type { Callbacks } from '../rtm/callbacks.ts'
import {
  AgoraRtmInvitationApiCallErrorCode,
  type AgoraRtmLocalInvitationErrorCode,
  type AgoraRtmRemoteInvitationErrorCode,
} from './invitation-error-codes.ts'
import type { FailureLog } from '../rtm/failure-log.ts'
import { AgoraRtmLocalInvitation, AgoraRtmRemoteInvitation } from './invitation.ts'
import {
  invitationApiCallCodes,
  localInvitationFailures,
  remoteInvitationFailures,
} from './invitation-codes.ts'

/** What happens to call invitations. All methods are optional; they are called one after the other, never inside a call of yours. */
export interface AgoraRtmCallDelegate {
  /** The callee has the invitation. It has 60 s to answer. */
  localInvitationReceivedByPeer?(callKit: AgoraRtmCallKit, localInvitation: AgoraRtmLocalInvitation): void
  /** `cancelLocalInvitation` took the invitation back; the callee is told. */
  localInvitationCanceled?(callKit: AgoraRtmCallKit, localInvitation: AgoraRtmLocalInvitation): void
  /** The callee has accepted, and knows that this user knows. */
  localInvitationAccepted?(
    callKit: AgoraRtmCallKit,
    localInvitation: AgoraRtmLocalInvitation,
    response: string | null,
  ): void
  /** The callee has refused. */
  localInvitationRefused?(
    callKit: AgoraRtmCallKit,
    localInvitation: AgoraRtmLocalInvitation,
    response: string | null,
  ): void
  /**
   * The invitation is over. RemoteOffline: the callee was offline for the first 30 s, or has logged out since.
   * RemoteNoResponse: it was online and gave no sign for 30 s, or its acceptance came too late. Expire: no answer for
   * 60 s after it had the invitation. NotLoggedIn: this user is not logged in, or is no longer.
   */
  localInvitationFailure?(
    callKit: AgoraRtmCallKit,
    localInvitation: AgoraRtmLocalInvitation,
    errorCode: AgoraRtmLocalInvitationErrorCode,
  ): void
  /** Somebody calls. The caller is told by itself that the invitation has come. */
  remoteInvitationReceived?(callKit: AgoraRtmCallKit, remoteInvitation: AgoraRtmRemoteInvitation): void
  /** The caller took the invitation back. */
  remoteInvitationCanceled?(callKit: AgoraRtmCallKit, remoteInvitation: AgoraRtmRemoteInvitation): void
  /** The caller knows that this user has accepted. */
  remoteInvitationAccepted?(callKit: AgoraRtmCallKit, remoteInvitation: AgoraRtmRemoteInvitation): void
  /** This user has refused, and the caller knows or does not listen any more. */
  remoteInvitationRefused?(callKit: AgoraRtmCallKit, remoteInvitation: AgoraRtmRemoteInvitation): void
  /**
   * The invitation is over. LocalOffline: the caller is offline (it logged out, closed its page, or was not heard of
   * for 30 s), or this user is not logged in any more. AcceptFailure: the caller did not confirm the acceptance in
   * 10 s (20 s where the link to it is broken). Expire: it was not answered in 60 s.
   */
  remoteInvitationFailure?(
    callKit: AgoraRtmCallKit,
    remoteInvitation: AgoraRtmRemoteInvitation,
    errorCode: AgoraRtmRemoteInvitationErrorCode,
  ): void
}

/** What a call kit needs of the kit that made it. */
export interface CallKitInternals<Kit> {
  readonly kit: Kit
  readonly callbacks: Callbacks
  readonly failures: FailureLog
  /** Undefined once the kit was destroyed. */
  engine(): Engine | undefined
}

/** @inline */
type Completion = ((errorCode: AgoraRtmInvitationApiCallErrorCode) => void) | null

/**
 * Call invitations of a kit, got by `getRtmCallKit`. An invitation carries words and a channel id from one user to
 * another, and the answer back; the call itself is the program's.
 *
 * Calls are answered with codes of their own (there is none for a kit that was destroyed: InvalidAugment); what becomes
 * of an invitation is told to the delegate. The caller decides: what it does first, or hears first, counts.
 */
export class AgoraRtmCallKit<Kit = unknown> {
  /** Who is told what becomes of invitations, also after a logout and the next login. */
  callDelegate: AgoraRtmCallDelegate | null = null
  // A function, so that a framework that wraps this object in a Proxy does not wrap what is behind it.
  private readonly internals: () => CallKitInternals<Kit>
  /** The object that each invitation was sent as, or was made for it when it came. */
  private readonly invitations: () => WeakMap<object, AgoraRtmLocalInvitation | AgoraRtmRemoteInvitation>

  /** @internal Made by `getRtmCallKit`. */
  constructor(internals: CallKitInternals<Kit>) {
    const invitations = new WeakMap<object, AgoraRtmLocalInvitation | AgoraRtmRemoteInvitation>()
    this.internals = () => internals
    this.invitations = () => invitations
  }

  /** The kit whose calls these are. */
  get rtmKit(): Kit {
    return this.internals().kit
  }

  /**
   * Invites a user, who need not be online yet: for 30 s the kit goes on trying. Ok: events tell the rest, also that
   * nobody is logged in (`localInvitationFailure`, NotLoggedIn).
   *
   * Any number may be sent, also to one user; at most 512 wait for an answer, further ones fail at once
   * (RemoteNoResponse). InvalidAugment: not an invitation, or of another kit, or its callee id is not well-formed, its
   * content over 8 KB or its channel id over 64 bytes. AlreadySent, AlreadyEnd: it was sent before, and lives or not.
   */
  sendLocalInvitation(
    localInvitation: AgoraRtmLocalInvitation,
    completion?: Completion,
  ): Promise<AgoraRtmInvitationApiCallErrorCode> {
    return this.call('sendLocalInvitation', completion, (engine, done) => {
      const record = AgoraRtmLocalInvitation.recordOf(localInvitation)
      if (!record) return done('invalid-invitation')
      if (record.state === 'idle') this.invitations().set(record, localInvitation)
      const { calleeId, content, channelId } = localInvitation
      const words = { calleeId, content: content ?? null, channelId: channelId ?? null }
      engine.invitations.send(record, words, done)
    })
  }

  /**
   * Takes an invitation back. Ok: it counts no more, and the callee is told.
   *
   * InvalidAugment: not an invitation of this kit. NotStarted: it was not sent. AlreadyEnd: it is over, or the callee
   * has accepted and the caller's kit has said that this counts.
   */
  cancelLocalInvitation(
    localInvitation: AgoraRtmLocalInvitation,
    completion?: Completion,
  ): Promise<AgoraRtmInvitationApiCallErrorCode> {
    return this.call('cancelLocalInvitation', completion, (engine, done) => {
      const record = AgoraRtmLocalInvitation.recordOf(localInvitation)
      if (!record) return done('invalid-invitation')
      engine.invitations.cancel(record, done)
    })
  }

  /**
   * Accepts a call, with the invitation's `response`. Ok: the caller is being told; `remoteInvitationAccepted` follows
   * when it knows, or `remoteInvitationCanceled` when it had taken the invitation back before, or
   * `remoteInvitationFailure`.
   *
   * InvalidAugment: not an invitation of this kit, or its response is over 8 KB. AlreadyAccept: it was accepted before,
   * and the caller has not answered yet. AlreadyEnd: it is over, or was refused.
   */
  acceptRemoteInvitation(
    remoteInvitation: AgoraRtmRemoteInvitation,
    completion?: Completion,
  ): Promise<AgoraRtmInvitationApiCallErrorCode> {
    return this.call('acceptRemoteInvitation', completion, (engine, done) => {
      const record = AgoraRtmRemoteInvitation.recordOf(remoteInvitation)
      if (!record) return done('invalid-invitation')
      engine.invitations.accept(record, remoteInvitation.response ?? null, done)
    })
  }

  /**
   * Refuses a call, with the invitation's `response`. Ok: the caller is being told; `remoteInvitationRefused` follows
   * when it knows, or after 10 s (20 s where the link to it is broken).
   *
   * InvalidAugment: not an invitation of this kit, or its response is over 8 KB. AlreadyAccept: it was accepted, and
   * the caller has not answered yet. AlreadyEnd: it is over, or was refused before.
   */
  refuseRemoteInvitation(
    remoteInvitation: AgoraRtmRemoteInvitation,
    completion?: Completion,
  ): Promise<AgoraRtmInvitationApiCallErrorCode> {
    return this.call('refuseRemoteInvitation', completion, (engine, done) => {
      const record = AgoraRtmRemoteInvitation.recordOf(remoteInvitation)
      if (!record) return done('invalid-invitation')
      engine.invitations.refuse(record, remoteInvitation.response ?? null, done)
    })
  }

  /** @internal What the engine says of its invitations. */
  hear(news: InvitationNews): void {
    if (news.of === 'local') this.hearOfLocal(news.invitation, news.is)
    else this.hearOfRemote(news.invitation, news.is)
  }

  private hearOfLocal(record: LocalInvitation, is: Extract<InvitationNews, { of: 'local' }>['is']): void {
    const invitation = this.invitations().get(record)
    const { response } = record
    this.tell((delegate) => {
      if (!(invitation instanceof AgoraRtmLocalInvitation)) return
      if (is === 'received') delegate.localInvitationReceivedByPeer?.(this, invitation)
      else if (is === 'canceled') delegate.localInvitationCanceled?.(this, invitation)
      else if (is === 'accepted') delegate.localInvitationAccepted?.(this, invitation, response)
      else if (is === 'refused') delegate.localInvitationRefused?.(this, invitation, response)
      else delegate.localInvitationFailure?.(this, invitation, localInvitationFailures[is])
    })
  }

  private hearOfRemote(record: RemoteInvitation, is: Extract<InvitationNews, { of: 'remote' }>['is']): void {
    if (is === 'received') this.invitations().set(record, new AgoraRtmRemoteInvitation(record))
    const invitation = this.invitations().get(record)
    this.tell((delegate) => {
      if (!(invitation instanceof AgoraRtmRemoteInvitation)) return
      if (is === 'received') delegate.remoteInvitationReceived?.(this, invitation)
      else if (is === 'canceled') delegate.remoteInvitationCanceled?.(this, invitation)
      else if (is === 'accepted') delegate.remoteInvitationAccepted?.(this, invitation)
      else if (is === 'refused') delegate.remoteInvitationRefused?.(this, invitation)
      else delegate.remoteInvitationFailure?.(this, invitation, remoteInvitationFailures[is])
    })
  }

  private tell(call: (delegate: AgoraRtmCallDelegate) => void): void {
    this.internals().callbacks.post(() => {
      if (this.callDelegate) call(this.callDelegate)
    })
  }

  private call(
    method: string,
    completion: Completion | undefined,
    run: (engine: Engine, done: (outcome: InvitationOutcome) => void) => void,
  ): Promise<AgoraRtmInvitationApiCallErrorCode> {
    const { callbacks, engine, failures } = this.internals()
    return callbacks.answer(completion, (done) => {
      const present = engine()
      if (!present) return done(AgoraRtmInvitationApiCallErrorCode.InvalidAugment)
      run(present, (outcome) => done(invitationApiCallCodes[failures.told(method, outcome)]))
    })
  }
}
