import type { InvitationWatch } from './invitations/line.ts'

/** What a program may change at any time. */
export interface Settings {
  /** How long a channel's attributes are kept on this machine after a member was last seen. */
  readonly channelAttributesTtlMs: number
}

/** What a login has of its engine. */
export interface EngineParts extends Settings {
  readonly invitations: InvitationWatch
}
