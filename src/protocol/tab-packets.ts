import * as v from 'valibot'

import { LAST_CHANNEL } from './frames.ts'

/** The channel of a link between tabs that carries its packets of frames. All others are side channels. */
export const FRAMES = 0

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const channel = v.pipe(count, v.maxValue(LAST_CHANNEL))

/** What travels between two tabs on the broadcast channel that is their link: objects. */
const tabPacket = v.variant('type', [
  /** First of all, once: the other side has the broadcast channel too. */
  v.object({ type: v.literal('ready') }),
  v.object({ type: v.literal('bytes'), channel, bytes: v.instance(Uint8Array) }),
  /** So many bytes more of a channel were taken. */
  v.object({ type: v.literal('credit'), channel, byteCount: count }),
  /** One that is no answer is answered at once: in a hidden page messages come at once, but timers once a minute. */
  v.object({ type: v.literal('beat'), isAnswer: v.boolean() }),
  /** A side channel is closed, or with channel 0 the link. */
  v.object({ type: v.literal('end'), channel }),
])

export type TabPacket = v.InferOutput<typeof tabPacket>

export function decodeTabPacket(value: unknown): TabPacket | undefined {
  const packet = v.safeParse(tabPacket, value)
  return packet.success ? packet.output : undefined
}
