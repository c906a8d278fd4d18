import { type Encoder, writeUint8Array, writeVarString, writeVarUint } from 'lib0/encoding'

import { type Bytes, fromHex, toHex } from '../base/bytes.ts'
import { isSessionId, type SessionId } from '../base/ids.ts'
import { decode, encodeBytes, type Reader } from './codec.ts'
import { MAX_CREDENTIAL_TEXT } from './credential.ts'
import { FEATURES, PROTOCOL_VERSION } from './version.ts'

/**
 * What linked sessions do for two that cannot be linked: one that is linked to both passes on between them.
 *
 *     asker                       relay                       the other
 *       |---------- ask ----------->|
 *       |<----- can, or refused ----|
 *       |---------- pass ---------->|--------- passed --------->|   `from` is who the relay's link proved
 *       |<------- refused ----------|   it was not passed on
 *
 * What is passed on is a `RelayPayload`, of which the relay reads nothing. The lower session id offers, as for all links:
 *
 *     lower id                                            higher id
 *       |<----------------------- knock -----------------------|   when the higher id begins
 *       |------------------------ offer ---------------------->|   16 random bytes
 *       |<----------------------- answer ----------------------|   16 others, and its packet 0
 *       |----------------------- packet 0 -------------------->|   the link is open
 *
 * Packet 0 is the first that is sealed under the keys of this link: it proves that its sender has the agreement key of
 * the credential that it showed.
 */
export type RelayMessage =
  /** Are you linked to this session? */
  | { readonly kind: 'ask'; readonly session: SessionId }
  | { readonly kind: 'can'; readonly session: SessionId }
  /** To an `ask`, or to a `pass` that was not passed on. */
  | { readonly kind: 'refused'; readonly session: SessionId; readonly reason: RelayRefusal }
  | { readonly kind: 'pass'; readonly to: SessionId; readonly payload: Uint8Array }
  | { readonly kind: 'passed'; readonly from: SessionId; readonly payload: Uint8Array }

/** Why something is not passed on: no link to there; more than it takes now; more than one may have passed on. */
export const relayRefusals = ['not-linked', 'busy', 'too-much'] as const
export type RelayRefusal = (typeof relayRefusals)[number]

export type RelayPayload =
  /** `epoch`: the highest of a link over relays that the sender knows of this pair. */
  | { readonly kind: 'knock'; readonly epoch: number; readonly credential: string }
  | {
      readonly kind: 'offer'
      readonly epoch: number
      readonly credential: string
      readonly random: Uint8Array
    }
  | {
      readonly kind: 'answer'
      readonly epoch: number
      readonly credential: string
      readonly random: Uint8Array
      /** Packet 0, sealed. */
      readonly proof: Uint8Array
    }
  | {
      readonly kind: 'packet'
      readonly epoch: number
      readonly number: number
      /** A sealed `RelayPacket`. */
      readonly sealed: Uint8Array
    }
  /** A packet of frames with a goodbye, sealed ahead: it can be sent while a page goes away, before all that waits. */
  | { readonly kind: 'farewell'; readonly epoch: number; readonly sealed: Uint8Array }

export const RELAY_RANDOM_BYTES = 16
/** Of what a relay passes on in one message: far more than a piece of a message with all that is around it. */
export const MAX_RELAY_PAYLOAD_BYTES = 32 * 1024

const ASK = 1
const CAN = 2
const REFUSED = 3
const PASS = 4
const PASSED = 5

const KNOCK = 1
const OFFER = 2
const ANSWER = 3
const PACKET = 4
const FAREWELL = 5

const SESSION_ID_BYTES = 16
const kinds = { knock: KNOCK, offer: OFFER, answer: ANSWER, packet: PACKET, farewell: FAREWELL } as const

export function encodeRelayMessage(message: RelayMessage): Bytes {
  return encodeBytes((encoder) => {
    switch (message.kind) {
      case 'ask':
      case 'can':
        writeVarUint(encoder, message.kind === 'ask' ? ASK : CAN)
        return writeSessionId(encoder, message.session)
      case 'refused':
        writeVarUint(encoder, REFUSED)
        writeSessionId(encoder, message.session)
        return writeVarUint(encoder, relayRefusals.indexOf(message.reason))
      case 'pass':
        writeVarUint(encoder, PASS)
        writeSessionId(encoder, message.to)
        return writeUint8Array(encoder, message.payload)
      case 'passed':
        writeVarUint(encoder, PASSED)
        writeSessionId(encoder, message.from)
        return writeUint8Array(encoder, message.payload)
    }
  })
}

/** Undefined for what is malformed, over the limits, or of a kind that this version does not know. */
export function decodeRelayMessage(bytes: Uint8Array): RelayMessage | undefined {
  return decode(bytes, (reader) => {
    const kind = reader.varUint()
    const session = toHex(reader.bytes(SESSION_ID_BYTES))
    if (!isSessionId(session)) return undefined
    switch (kind) {
      case ASK:
        return { kind: 'ask', session }
      case CAN:
        return { kind: 'can', session }
      case REFUSED:
        // A later version may know further reasons.
        return { kind: 'refused', session, reason: relayRefusals[reader.varUint()] ?? 'busy' }
      case PASS:
      case PASSED: {
        const payload = reader.rest()
        if (payload.byteLength > MAX_RELAY_PAYLOAD_BYTES) return undefined
        return kind === PASS
          ? { kind: 'pass', to: session, payload }
          : { kind: 'passed', from: session, payload }
      }
      default:
        return undefined
    }
  })
}

export function encodeRelayPayload(payload: RelayPayload): Bytes {
  return encodeBytes((encoder) => {
    const { kind, epoch } = payload
    writeVarUint(encoder, kinds[kind])
    if (kind === 'packet' || kind === 'farewell') {
      writeVarUint(encoder, epoch)
      if (kind === 'packet') writeVarUint(encoder, payload.number)
      return writeUint8Array(encoder, payload.sealed)
    }
    writeVarUint(encoder, PROTOCOL_VERSION)
    writeVarUint(encoder, FEATURES)
    writeVarUint(encoder, epoch)
    writeVarString(encoder, payload.credential)
    if (kind !== 'knock') writeUint8Array(encoder, payload.random)
    if (kind === 'answer') writeUint8Array(encoder, payload.proof)
  })
}

/** Undefined for what is malformed, of another major version, or of a kind that this version does not know. */
export function decodeRelayPayload(bytes: Uint8Array): RelayPayload | undefined {
  return decode(bytes, (reader) => {
    const kind = reader.varUint()
    if (kind === PACKET)
      return { kind: 'packet', epoch: reader.varUint(), number: reader.varUint(), sealed: reader.rest() }
    if (kind === FAREWELL) return { kind: 'farewell', epoch: reader.varUint(), sealed: reader.rest() }
    if (kind > FAREWELL || reader.varUint() !== PROTOCOL_VERSION) return undefined
    reader.varUint()
    return readGreeting(reader, kind)
  })
}

function readGreeting(reader: Reader, kind: number): RelayPayload | undefined {
  const epoch = reader.varUint()
  const credential = reader.varText()
  if (credential.length > MAX_CREDENTIAL_TEXT) return undefined
  if (kind === KNOCK) return { kind: 'knock', epoch, credential }
  const random = reader.bytes(RELAY_RANDOM_BYTES)
  if (kind === OFFER) return { kind: 'offer', epoch, credential, random }
  return kind === ANSWER ? { kind: 'answer', epoch, credential, random, proof: reader.rest() } : undefined
}

function writeSessionId(encoder: Encoder, sessionId: SessionId): void {
  writeUint8Array(encoder, fromHex(sessionId) ?? new Uint8Array(SESSION_ID_BYTES))
}
