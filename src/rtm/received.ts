import type { Content } from '../protocol/items.ts'

/** A message as it arrived. */
export interface ReceivedContent {
  readonly content: Content
  /** When the sender sent it, by the server's clock as the sender knows it; not yet checked against ours. */
  readonly sentAt: number
  /** It was kept for this user, who was offline when it was sent. */
  readonly isOffline?: boolean
}
