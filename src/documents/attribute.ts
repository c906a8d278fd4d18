import type { UserId } from '../base/ids.ts'

/** An attribute of a user or a channel. */
export interface Attribute {
  readonly key: string
  readonly value: string
}

/** An attribute of a channel, with its verified author. */
export interface ChannelAttribute extends Attribute {
  readonly lastUpdateUserId: UserId
  /** Server time in milliseconds, as the author knew it. */
  readonly lastUpdateTs: number
}

/** One operation of the API on the attributes of a user or a channel. */
export type AttributeChange =
  /** All attributes are replaced by these. */
  | { readonly kind: 'set'; readonly attributes: readonly Attribute[] }
  /** These are added, or get a new value. */
  | { readonly kind: 'update'; readonly attributes: readonly Attribute[] }
  | { readonly kind: 'delete'; readonly keys: readonly string[] }
  | { readonly kind: 'clear' }
