import type { UserId } from '../base/ids.ts'
import type {
  CancelOutcome,
  InvitationNews,
  LocalInvitation as Invitation,
  SendOutcome,
} from '../rtm/invitations/invitation.ts'
import { RtmEmitter } from './emitter.ts'
import type { LocalInvitationEvents } from './invitation-events.ts'
import { type InvitationContext, invitationError, throwUnlessOk, wordsOf } from './invitation-calls.ts'
import { localInvitationFailures, localInvitationStates } from './states.ts'
import { LocalInvitationFailureReason, type LocalInvitationState } from './status-codes.ts'

/** What an invitation needs of the client that made it. */
export interface LocalInvitationInternals {
  readonly calleeId: UserId
  readonly context: InvitationContext
  readonly record: Invitation
  /** The engine may still be loading what it needs to send it. */
  isSent: boolean
}

/** An invitation to a call that this user makes, by `createLocalInvitation`. To be sent once. */
export class LocalInvitation extends RtmEmitter<LocalInvitationEvents> {
  /** Who is called: a user id. */
  readonly calleeId: string
  /** What it says: at most 8 KB of UTF-8 (8,192 bytes), judged when it is sent. */
  content = ''
  /** Where to talk: at most 64 bytes of UTF-8, judged when it is sent. It is only carried: nobody joins it. */
  channelId = ''
  // A function, so that a framework that wraps this object in a Proxy does not wrap what is behind it.
  private readonly internals: () => LocalInvitationInternals

  /** @internal Made by `createLocalInvitation`. */
  constructor(calleeId: UserId, context: InvitationContext) {
    super()
    const record: Invitation = { owner: undefined, id: undefined, state: 'idle', response: null }
    const internals = { calleeId, context, record, isSent: false }
    this.internals = () => internals
    this.calleeId = calleeId
    context.objects.set(record, this)
  }

  /** What the callee said when it accepted or refused; empty if it said nothing, or has not answered. */
  get response(): string {
    return this.internals().record.response ?? ''
  }

  /** How it stands. While the callee's acceptance is being confirmed it is still RECEIVED_BY_REMOTE. */
  get state(): LocalInvitationState {
    return localInvitationStates[this.internals().record.state]
  }

  /**
   * Invites the user, who need not be online yet: for 30 s the client goes on trying. Events tell the rest, also that
   * nobody is logged in (`LocalInvitationFailure`, NOT_LOGGEDIN).
   *
   * Any number may be sent, also to one user; at most 512 wait for an answer, further ones fail at once
   * (PEER_NO_RESPONSE). Throws an `RtmError` with a code of `RtmErrorCode.InvitationApiCallError`: INVALID_ARGUMENT if
   * content or channel id are no texts or too long; ALREADY_SENT, ALREADY_END if it was sent before, and lives or not.
   */
  send(): void {
    const internals = this.internals()
    const { calleeId, context, record } = internals
    const words = wordsOf('send', this.content, this.channelId)
    if (internals.isSent)
      throw invitationError('send', isOver(record) ? 'invitation-ended' : 'invitation-sent')
    const { engine } = context
    if (!engine) {
      record.state = 'failed'
      internals.isSent = true
      const reason = LocalInvitationFailureReason.NOT_LOGGEDIN
      return context.callbacks.post(() => void this.emit('LocalInvitationFailure', reason))
    }
    throwUnlessOk<SendOutcome>(context, 'send', (done) =>
      engine.invitations.send(record, { calleeId, ...words }, done),
    )
    internals.isSent = true
  }

  /**
   * Takes the invitation back: it counts no more, and the callee is told.
   *
   * Throws an `RtmError` with a code of `RtmErrorCode.InvitationApiCallError`: NOT_STARTED if it was not sent;
   * ALREADY_END if it is over, or the callee has accepted and the caller's client has said that this counts.
   */
  cancel(): void {
    const { context, record, isSent } = this.internals()
    if (!isSent) throw invitationError('cancel', 'invitation-not-sent')
    const { engine } = context
    if (isOver(record) || !engine) throw invitationError('cancel', 'invitation-ended')
    throwUnlessOk<CancelOutcome>(context, 'cancel', (done) => engine.invitations.cancel(record, done))
  }
}

/** Tells an invitation's listeners what became of it. */
export function hearOfLocal(
  object: LocalInvitation,
  { invitation, is }: Extract<InvitationNews, { of: 'local' }>,
): void {
  const response = invitation.response ?? ''
  if (is === 'received') object.emit('LocalInvitationReceivedByPeer')
  else if (is === 'canceled') object.emit('LocalInvitationCanceled')
  else if (is === 'accepted') object.emit('LocalInvitationAccepted', response)
  else if (is === 'refused') object.emit('LocalInvitationRefused', response)
  else object.emit('LocalInvitationFailure', localInvitationFailures[is])
}

function isOver({ state }: Invitation): boolean {
  return state === 'accepted' || state === 'refused' || state === 'canceled' || state === 'failed'
}
