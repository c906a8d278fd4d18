import type { FailureReason } from '../rtm/sentences.ts'
import type { RtmErrorName } from './error.ts'

const ARGUMENT = 'RtmInvalidArgumentError'
const STATUS = 'RtmInvalidStatusError'
const TOO_OFTEN = 'RtmInvokeTooOftenError'
const LIMIT = 'RtmLimitExceededError'
const TIMEOUT = 'RtmTimeoutError'
const UNAUTHENTICATED = 'RtmUnauthenticatedError'
const INTERNAL = 'RtmInternalError'

/** Of what kind an error is, by the reason for it; whichever call it is that ends with it. */
export const errorNames: Readonly<Record<FailureReason, RtmErrorName>> = {
  'invalid-argument': ARGUMENT,
  'invalid-user-id': ARGUMENT,
  'invalid-channel-id': ARGUMENT,
  'invalid-message': ARGUMENT,
  'invalid-attributes': ARGUMENT,
  'invalid-keys': ARGUMENT,
  'invalid-peer-ids': ARGUMENT,
  'invalid-channel-ids': ARGUMENT,
  'invalid-invitation': ARGUMENT,
  'unknown-option': ARGUMENT,
  'no-token': ARGUMENT,
  'not-logged-in': STATUS,
  'already-login': STATUS,
  aborted: STATUS,
  destroyed: STATUS,
  'not-in-channel': STATUS,
  'already-joined': STATUS,
  'joined-by-another': STATUS,
  'invitation-not-sent': STATUS,
  'invitation-sent': STATUS,
  'invitation-accepted': STATUS,
  'invitation-ended': STATUS,
  'login-under-way': TOO_OFTEN,
  'too-often': TOO_OFTEN,
  'same-channel-too-often': TOO_OFTEN,
  'message-too-large': LIMIT,
  'invitation-too-large': LIMIT,
  'size-overflow': LIMIT,
  'too-many-channels': LIMIT,
  'too-many-peers': LIMIT,
  'too-many-subscriptions': LIMIT,
  'too-many-counted-channels': LIMIT,
  overflow: LIMIT,
  timeout: TIMEOUT,
  'not-judged': TIMEOUT,
  'invalid-app-id': UNAUTHENTICATED,
  'invalid-token': UNAUTHENTICATED,
  'token-expired': UNAUTHENTICATED,
  'not-authorized': UNAUTHENTICATED,
  'invalid-proof': UNAUTHENTICATED,
  banned: UNAUTHENTICATED,
  'remote-login': UNAUTHENTICATED,
  kicked: UNAUTHENTICATED,
  unknown: INTERNAL,
  'unsupported-version': INTERNAL,
  overload: INTERNAL,
  'token-replaced': INTERNAL,
  'no-server-named': INTERNAL,
  left: INTERNAL,
  failure: INTERNAL,
  'user-not-found': INTERNAL,
  // Answers, not errors: a call resolves with them.
  'peer-unreachable': INTERNAL,
  cached: INTERNAL,
}
