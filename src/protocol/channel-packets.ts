/** The channel of a link that carries its packets of frames. All others are side channels. */
export const FRAMES = 0

/**
 * What travels on a link whose transport is one ordered stream of packets for all its channels, and does not tell what
 * of it the other end has taken.
 */
export type ChannelPacket =
  | { readonly type: 'bytes'; readonly channel: number; readonly bytes: Uint8Array }
  /** So many bytes more of a channel were taken. */
  | { readonly type: 'credit'; readonly channel: number; readonly byteCount: number }
  /** One that is no answer is answered at once: in a hidden page messages come at once, but timers once a minute. */
  | { readonly type: 'beat'; readonly isAnswer: boolean }
  /** A side channel is closed, or with channel 0 the link. */
  | { readonly type: 'end'; readonly channel: number }
