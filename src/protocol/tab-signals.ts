import * as v from 'valibot'

import { epoch } from './link-signals.ts'

/**
 * What the sessions of two tabs of one origin say to each other, through the tabs' rendezvous, to open a link. The
 * lower session id offers: it has made a broadcast channel for the pair, whose name both can tell from the offer.
 *
 *     lower id                    higher id
 *        |<----------- knock ----------|   when the higher id begins
 *        |------------ offer --------->|
 *        |<---------- `ready` ---------|   on that channel: the link is open
 *
 * Epochs are counted as for other links.
 */
const tabSignal = v.variant('type', [
  /** `epoch`: the highest that the sender knows of this pair. */
  v.object({ type: v.literal('tab-knock'), epoch }),
  /** `part` makes the name of the broadcast channel one that was never used. */
  v.object({ type: v.literal('tab-offer'), epoch, part: v.pipe(v.string(), v.regex(/^[0-9a-z]{1,16}$/)) }),
])

export type TabSignal = v.InferOutput<typeof tabSignal>
export type TabOffer = Extract<TabSignal, { type: 'tab-offer' }>

export function encodeTabSignal(signal: TabSignal): string {
  return JSON.stringify(signal)
}

export function decodeTabSignal(text: string): TabSignal | undefined {
  const signal = v.safeParse(v.pipe(v.string(), v.parseJson(), tabSignal), text)
  return signal.success ? signal.output : undefined
}
