import {
  isTextOrNull,
  MAX_INVITATION_CHANNEL_BYTES,
  MAX_INVITATION_TEXT_BYTES,
} from '../protocol/invitation-limits.ts'
import type { InvitationOutcome } from '../rtm/invitations/invitation.ts'
import { type MethodContext, errorOf } from './calls.ts'
import { InvitationApiCallError } from './error-codes.ts'
import type { RtmError } from './error.ts'

/** What the invitations of a client have in common. */
export interface InvitationContext extends MethodContext {
  /** The object that stands for each of the engine's. */
  readonly objects: WeakMap<object, object>
}

type Refusal = Exclude<InvitationOutcome, 'ok'> | 'invitation-too-large'

const codes = {
  'invalid-invitation': InvitationApiCallError.INVITATION_API_CALL_ERR_INVALID_ARGUMENT,
  'invitation-too-large': InvitationApiCallError.INVITATION_API_CALL_ERR_INVALID_ARGUMENT,
  'invitation-not-sent': InvitationApiCallError.INVITATION_API_CALL_ERR_NOT_STARTED,
  'invitation-ended': InvitationApiCallError.INVITATION_API_CALL_ERR_ALREADY_END,
  'invitation-accepted': InvitationApiCallError.INVITATION_API_CALL_ERR_ALREADY_ACCEPT,
  'invitation-sent': InvitationApiCallError.INVITATION_API_CALL_ERR_ALREADY_SENT,
} satisfies Record<Refusal, InvitationApiCallError>

/** They are thrown at once, so they cannot wait for the file with all sentences. */
const sentences = {
  'invalid-invitation':
    'content, channelId and response must be texts, and the client the one that made the invitation',
  'invitation-too-large': 'content and response may have 8 KB, channelId 64 bytes of UTF-8',
  'invitation-not-sent': 'the invitation was not sent; call send() first',
  'invitation-ended': 'the invitation is over; make a new one for another call',
  'invitation-accepted': 'the invitation was accepted before; an event tells what comes of it',
  'invitation-sent': 'the invitation was sent before; make a new one for another call',
} satisfies Record<Refusal, string>

export function invitationError(method: string, reason: Refusal): RtmError {
  return errorOf(method, reason, codes[reason], sentences[reason])
}

/** Content or response, and a channel id, as the engine takes them: null for none. Throws if one cannot be sent. */
export function wordsOf(method: string, content: unknown, channelId: unknown) {
  return {
    content: textOf(method, content, MAX_INVITATION_TEXT_BYTES),
    channelId: textOf(method, channelId, MAX_INVITATION_CHANNEL_BYTES),
  }
}

function textOf(method: string, value: unknown, maxBytes: number): string | null {
  const text = value ?? ''
  if (typeof text !== 'string') throw invitationError(method, 'invalid-invitation')
  if (!isTextOrNull(text, maxBytes)) throw invitationError(method, 'invitation-too-large')
  return text || null
}

/** Runs a call of the engine; what it says at once is thrown, what it says later is in the log. */
export function throwUnlessOk<Outcome extends InvitationOutcome>(
  { failures }: MethodContext,
  method: string,
  run: (done: (outcome: Outcome) => void) => void,
): void {
  let first: InvitationOutcome | undefined
  run((outcome) => {
    failures.told<InvitationOutcome>(method, outcome)
    first = outcome
  })
  const outcome = first as InvitationOutcome | undefined
  if (outcome !== undefined && outcome !== 'ok') throw invitationError(method, outcome)
}
