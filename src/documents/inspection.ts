import * as Y from 'yjs'

import { decode } from '../protocol/codec.ts'

/** The two maps of a channel's document; there is nothing else in it. */
export const RECORDS = 'records'
export const AUTHORS = 'authors'

/**
 * A document at its limits (32 KB of attributes, deleted keys, credentials) has some 75 KB, and it begins anew at
 * 96 KB; a browser sends 256 KB at most.
 */
export const MAX_MESSAGE_BYTES = 128 * 1024
/** A value of 8 KB with key, user, clock and signature; credentials are far smaller. */
const MAX_ENTRY_BYTES = 9 * 1024
/** A key of 32 bytes and a user id of 64, or a session id. */
const MAX_PLACE_CHARS = 128
/** Every struct costs memory for as long as the document lives. */
const MAX_STRUCTS = 16_384

/** Of y-protocols: this is about the document; the rest is about who is looking at it, which we do not use. */
const SYNC = 0
const SYNC_STEP_1 = 0
const SYNC_STEP_2 = 1
const UPDATE = 2

/**
 * What is wrong with a message of a document channel, in words; undefined if nothing is. It looks at the message
 * alone, never at the document, so that whoever takes a message may pass it on: the next one takes it too.
 */
export function faultOf(message: Uint8Array): string | undefined {
  if (message.byteLength > MAX_MESSAGE_BYTES) return 'a message of more than 128 KB'
  const parts = decode(message, (reader) => {
    const kind = reader.varUint()
    const step = reader.varUint()
    const body = reader.varBytes()
    return reader.isAtEnd ? { kind, step, body } : undefined
  })
  if (parts?.kind !== SYNC) return 'a message that is not about the document'
  if (parts.step === SYNC_STEP_1) return isStateVector(parts.body) ? undefined : 'a malformed state vector'
  if (parts.step !== SYNC_STEP_2 && parts.step !== UPDATE) return 'an unknown step'
  return faultOfUpdate(parts.body)
}

/** The same for an update from elsewhere, such as one that was stored. */
export function faultOfUpdate(update: Uint8Array): string | undefined {
  let structs: ReturnType<typeof Y.decodeUpdate>['structs']
  try {
    structs = Y.decodeUpdate(update).structs
  } catch {
    // Yjs throws for whatever it cannot read, which is one of this function's answers.
    return 'an update that cannot be decoded'
  }
  if (structs.length > MAX_STRUCTS) return 'an update of too many parts'
  for (const struct of structs) {
    if (struct instanceof Y.Item && !isEntry(struct)) return 'an update of another shape'
  }
  return undefined
}

export function isStateVector(bytes: Uint8Array): boolean {
  return decodeStateVector(bytes) !== undefined
}

export function decodeStateVector(bytes: Uint8Array): ReadonlyMap<number, number> | undefined {
  return decode(bytes, (reader) => {
    const vector = new Map<number, number>()
    const count = reader.varUint()
    for (let i = 0; i < count; i++) vector.set(reader.varUint(), reader.varUint())
    return reader.isAtEnd ? vector : undefined
  })
}

/** Bytes under a key of one of our two maps. Where the parent is left out it is that of the entry before. */
function isEntry({ content, parent, parentSub, origin, rightOrigin }: Y.Item): boolean {
  if (content instanceof Y.ContentBinary) {
    if (content.content.byteLength > MAX_ENTRY_BYTES) return false
  } else if (!(content instanceof Y.ContentDeleted)) {
    return false
  }
  const place: unknown = parent
  if (place === null) return origin !== null || rightOrigin !== null
  if (place !== RECORDS && place !== AUTHORS) return false
  return parentSub !== null && parentSub.length <= MAX_PLACE_CHARS
}
