import * as v from 'valibot'

import { MAX_CREDENTIAL_TEXT } from './credential.ts'
import { FEATURES, PROTOCOL_VERSION } from './version.ts'

/**
 * What two sessions say to each other through a rendezvous to open a link. The lower session id always offers.
 *
 *     lower id                    higher id
 *        |------------ offer --------->|   at once
 *        |<----------- answer ---------|   carries the answerer's first candidates
 *        |--------- candidates ------->|   the offerer's, in one message
 *
 *     or, when the higher id needs the link first:
 *
 *        |<----------- knock ----------|
 *        |------------ offer --------->|   carries the offerer's first candidates
 *        |<----------- answer ---------|
 *
 * Every signal carries the epoch of its attempt: 1, 2, 3 … for this pair of sessions, chosen by the offerer.
 */

/** An attempt further than this was not counted, it was invented. */
const MAX_EPOCH = 2 ** 31

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0))
export const epoch = v.pipe(count, v.maxValue(MAX_EPOCH))
const candidate = v.object({
  candidate: v.pipe(v.string(), v.maxLength(1_024)),
  sdpMid: v.nullable(v.pipe(v.string(), v.maxLength(64))),
  sdpMLineIndex: v.nullable(v.pipe(count, v.maxValue(64))),
})
/** A machine with a dozen interfaces has some forty candidates. */
const candidates = v.pipe(v.array(candidate), v.maxLength(64))
const greeting = { version: v.literal(PROTOCOL_VERSION), features: count }
const description = {
  ...greeting,
  epoch,
  sdp: v.pipe(v.string(), v.maxLength(20_000)),
  credential: v.pipe(v.string(), v.maxLength(MAX_CREDENTIAL_TEXT)),
  candidates,
}

/** Why an offer or a knock was turned down, where the other side can do something about it. */
export const linkRejections = ['unsupported-version', 'full', 'not-accepted'] as const

const linkSignal = v.variant('type', [
  v.object({ type: v.literal('offer'), ...description }),
  v.object({ type: v.literal('answer'), ...description }),
  v.object({ type: v.literal('candidates'), epoch, candidates }),
  /** `epoch`: the highest that the sender knows of this pair. */
  v.object({ type: v.literal('knock'), ...greeting, epoch }),
  v.object({ type: v.literal('reject'), epoch, reason: v.picklist(linkRejections) }),
])

const otherVersion = v.object({
  type: v.picklist(['offer', 'answer', 'knock']),
  version: v.pipe(count, v.notValue(PROTOCOL_VERSION)),
  epoch,
})

export type Candidate = v.InferOutput<typeof candidate>
export type LinkSignal = v.InferOutput<typeof linkSignal>
export type LinkDescriptionSignal = Extract<LinkSignal, { sdp: string }>
export type LinkRejection = (typeof linkRejections)[number]

/** A signal that a newer or older major version sent; only that much of it is understood. */
export interface ForeignSignal {
  readonly type: 'foreign'
  readonly version: number
  readonly epoch: number
}

export function encodeLinkSignal(signal: LinkSignal): string {
  return JSON.stringify(signal)
}

export function decodeLinkSignal(text: string): LinkSignal | ForeignSignal | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    // Not JSON is one way of not being a signal.
    return undefined
  }
  const known = v.safeParse(linkSignal, value)
  if (known.success) return known.output
  const foreign = v.safeParse(otherVersion, value)
  return foreign.success
    ? { type: 'foreign', version: foreign.output.version, epoch: foreign.output.epoch }
    : undefined
}

/** The fields that begin every offer, answer and knock. */
export const linkGreeting = { version: PROTOCOL_VERSION, features: FEATURES } as const
