import type {
  AnswerOutcome,
  InvitationNews,
  RemoteInvitation as Invitation,
} from '../rtm/invitations/invitation.ts'
import type { Invitations } from '../rtm/invitations/invitations.ts'
import { RtmEmitter } from './emitter.ts'
import type { RemoteInvitationEvents } from './invitation-events.ts'
import { type InvitationContext, invitationError, throwUnlessOk, wordsOf } from './invitation-calls.ts'
import { remoteInvitationFailures, remoteInvitationStates } from './states.ts'
import type { RemoteInvitationState } from './status-codes.ts'

interface RemoteInvitationInternals {
  readonly context: InvitationContext
  readonly record: Invitation
}

/** An invitation to a call that this user has received, with `RemoteInvitationReceived`. */
export class RemoteInvitation extends RtmEmitter<RemoteInvitationEvents> {
  /** Who calls: the user whom the link to it proves, not what the invitation says. */
  readonly callerId: string
  /** What the caller says; empty if it says nothing. */
  readonly content: string
  /** The channel that the caller names, of at most 64 bytes; empty for none. Nobody joins it for that. */
  readonly channelId: string
  /** What the caller gets with the answer: at most 8 KB of UTF-8 (8,192 bytes), judged when it is accepted or refused. */
  response = ''
  // A function, so that a framework that wraps this object in a Proxy does not wrap what is behind it.
  private readonly internals: () => RemoteInvitationInternals

  /** @internal Made when an invitation arrives. */
  constructor(record: Invitation, context: InvitationContext) {
    super()
    const internals = { context, record }
    this.internals = () => internals
    this.callerId = record.callerId
    this.content = record.content ?? ''
    this.channelId = record.channelId ?? ''
    context.objects.set(record, this)
  }

  /** How it stands. While a refusal is on its way it is still INVITATION_RECEIVED. */
  get state(): RemoteInvitationState {
    return remoteInvitationStates[this.internals().record.state]
  }

  /**
   * Accepts the call, with `response`. `RemoteInvitationAccepted` follows when the caller knows, or
   * `RemoteInvitationCanceled` when it had taken the invitation back before, or `RemoteInvitationFailure`.
   *
   * Throws an `RtmError` with a code of `RtmErrorCode.InvitationApiCallError`: INVALID_ARGUMENT if the response is no
   * text or over 8 KB; ALREADY_ACCEPT if it was accepted before, and the caller has not answered yet; ALREADY_END if it
   * is over, or was refused.
   */
  accept(): void {
    this.answer('accept')
  }

  /**
   * Refuses the call, with `response`. `RemoteInvitationRefused` follows when the caller knows, or after 10 s (20 s
   * where the link to it is broken). Throws as `accept` does.
   */
  refuse(): void {
    this.answer('refuse')
  }

  private answer(method: 'accept' | 'refuse'): void {
    const { context, record } = this.internals()
    const { content: response } = wordsOf(method, this.response, null)
    const invitations: Invitations | undefined = context.engine?.invitations
    if (!invitations) throw invitationError(method, 'invitation-ended')
    throwUnlessOk<AnswerOutcome>(context, method, (done) => invitations[method](record, response, done))
  }
}

/** Tells an invitation's listeners what became of it. That it has come is the client's to tell. */
export function hearOfRemote(
  object: RemoteInvitation,
  is: Exclude<Extract<InvitationNews, { of: 'remote' }>['is'], 'received'>,
): void {
  if (is === 'canceled') object.emit('RemoteInvitationCanceled', object.content)
  else if (is === 'accepted') object.emit('RemoteInvitationAccepted')
  else if (is === 'refused') object.emit('RemoteInvitationRefused')
  else object.emit('RemoteInvitationFailure', remoteInvitationFailures[is])
}
