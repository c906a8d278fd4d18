/** How an invitation stands with its caller. */
export type LocalState = 'idle' | 'sent' | 'received' | 'accepted' | 'refused' | 'canceled' | 'failed'
/** How an invitation stands with its callee. */
export type RemoteState = 'received' | 'accept-sent' | 'accepted' | 'refused' | 'canceled' | 'failed'

export type LocalFailure = 'remote-offline' | 'remote-no-response' | 'expired' | 'not-logged-in'
export type RemoteFailure = 'local-offline' | 'accept-failure' | 'expired'

/** An invitation that a page makes. From its first send on it belongs to one engine, which alone writes to it. */
export interface LocalInvitation {
  owner: unknown
  /** From its first send on: random, in hexadecimal digits. */
  id: string | undefined
  state: LocalState
  /** What the callee said with its answer. */
  response: string | null
}

/** An invitation that a page has received. Only its engine writes to it. */
export interface RemoteInvitation {
  readonly owner: unknown
  readonly key: string
  readonly callerId: string
  readonly content: string | null
  readonly channelId: string | null
  state: RemoteState
}

/** What an invitation says, as its page has set it. */
export interface InvitationWords {
  readonly calleeId: unknown
  readonly content: unknown
  readonly channelId: unknown
}

/** What a page is told. */
export type InvitationNews =
  | {
      readonly of: 'local'
      readonly invitation: LocalInvitation
      readonly is: Exclude<LocalState, 'idle' | 'sent' | 'failed'>
    }
  | { readonly of: 'local'; readonly invitation: LocalInvitation; readonly is: LocalFailure }
  | {
      readonly of: 'remote'
      readonly invitation: RemoteInvitation
      readonly is: Exclude<RemoteState, 'accept-sent' | 'failed'>
    }
  | { readonly of: 'remote'; readonly invitation: RemoteInvitation; readonly is: RemoteFailure }

/** Answers of the calls. */
export type SendOutcome = 'ok' | 'invalid-invitation' | 'invitation-ended' | 'invitation-sent'
export type CancelOutcome = 'ok' | 'invalid-invitation' | 'invitation-ended' | 'invitation-not-sent'
export type AnswerOutcome = 'ok' | 'invalid-invitation' | 'invitation-ended' | 'invitation-accepted'
export type InvitationOutcome = SendOutcome | CancelOutcome | AnswerOutcome
