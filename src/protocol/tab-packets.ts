import * as v from 'valibot'

import { LAST_CHANNEL } from './frames.ts'

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
const channel = v.pipe(count, v.maxValue(LAST_CHANNEL))

/** What travels between two tabs on the broadcast channel that is their link: `ready`, and then channel packets. */
const tabPacket = v.variant('type', [
  /** First of all, once: the other side has the broadcast channel too. */
  v.object({ type: v.literal('ready') }),
  v.object({ type: v.literal('bytes'), channel, bytes: v.instance(Uint8Array) }),
  v.object({ type: v.literal('credit'), channel, byteCount: count }),
  v.object({ type: v.literal('beat'), isAnswer: v.boolean() }),
  v.object({ type: v.literal('end'), channel }),
])

export type TabPacket = v.InferOutput<typeof tabPacket>

export function decodeTabPacket(value: unknown): TabPacket | undefined {
  const packet = v.safeParse(tabPacket, value)
  return packet.success ? packet.output : undefined
}
