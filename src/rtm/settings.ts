/** What a program may change at any time. */
export interface Settings {
  /** How long a channel's attributes are kept on this machine after a member was last seen. */
  readonly channelAttributesTtlMs: number
}
