import * as Y from 'yjs'

import { decode } from '../protocol/codec.ts'

/** The two maps of a channel's document; there is nothing else in it. */
export const RECORDS = 'records'
export const AUTHORS = 'authors'

/** A document begins anew long before; a browser sends 256 KB at most. */
export const MAX_MESSAGE_BYTES = 128 * 1024
/** A value of 8 KB with key, user, clock and signature; credentials are far smaller. */
const MAX_ENTRY_BYTES = 9 * 1024
/** A key of 32 bytes and a user id of 64, or a session id. */
const MAX_PLACE_CHARS = 128
/**
 * Entries and what is left of former ones, and as many ranges of deletions. Each costs memory for as long as the
 * document lives, and time for each later one under its key. An honest document begins anew before.
 */
export const MAX_PARTS = 8_192
/** No session ever writes so often; beyond 2^53 a document could not say what it has. */
const MAX_CLOCK = 2 ** 32

/** Of y-protocols: this is about the document; the rest is about who is looking at it, which we do not use. */
const SYNC = 0
const SYNC_STEP_1 = 0
const SYNC_STEP_2 = 1
const UPDATE = 2

/** How far each writer's changes have come, by the number that Yjs gives to a writer. */
export type State = ReadonlyMap<number, number>

export interface Inspection {
  /** What is wrong with it, in words; undefined if nothing is. */
  readonly fault: string | undefined
  /** It asks for all that its sender lacks. */
  readonly isQuestion: boolean
  /** What its changes lead to. */
  readonly leadsTo: State
}

/**
 * Looks at a message of a document channel before Yjs does. It looks at the message alone, never at the document, so
 * that whoever takes a message may pass it on: the next one takes it too.
 */
export function inspect(message: Uint8Array): Inspection {
  if (message.byteLength > MAX_MESSAGE_BYTES) return faulty('a message of more than 128 KB')
  const parts = decode(message, (reader) => {
    const kind = reader.varUint()
    const step = reader.varUint()
    const body = reader.varBytes()
    return reader.isAtEnd ? { kind, step, body } : undefined
  })
  if (parts?.kind !== SYNC) return faulty('a message that is not about the document')
  if (parts.step === SYNC_STEP_1) {
    const isState = decodeState(parts.body) !== undefined
    return isState
      ? { fault: undefined, isQuestion: true, leadsTo: NOWHERE }
      : faulty('a malformed state vector')
  }
  if (parts.step !== SYNC_STEP_2 && parts.step !== UPDATE) return faulty('an unknown step')
  return inspectUpdate(parts.body)
}

/** The same for an update from elsewhere, such as one that was stored. */
export function inspectUpdate(update: Uint8Array): Inspection {
  let parts: ReturnType<typeof Y.decodeUpdate>
  try {
    parts = Y.decodeUpdate(update)
  } catch {
    // Yjs throws for whatever it cannot read, which is one of this function's answers.
    return faulty('an update that cannot be decoded')
  }
  const { structs, ds } = parts
  const ranges = [...ds.clients.values()].flat()
  if (structs.length > MAX_PARTS || ranges.length > MAX_PARTS) return faulty('an update of too many parts')
  const isWritten =
    structs.every(({ id, length }) => isWithinReach(id.clock, length)) &&
    ranges.every(({ clock, len }) => isWithinReach(clock, len))
  if (!isWritten) return faulty('an update of what nobody wrote')
  const isOfEntries = structs.every((struct) => !(struct instanceof Y.Item) || isEntry(struct))
  if (!isOfEntries) return faulty('an update of another shape')
  // Each writer's changes come in their order.
  const leadsTo = new Map(structs.map(({ id, length }) => [id.client, id.clock + length]))
  return { fault: undefined, isQuestion: false, leadsTo }
}

/** Undefined for what is no state vector. */
export function decodeState(bytes: Uint8Array): State | undefined {
  return decode(bytes, (reader) => {
    const state = new Map<number, number>()
    const count = reader.varUint()
    for (let i = 0; i < count; i++) state.set(reader.varUint(), reader.varUint())
    return reader.isAtEnd ? state : undefined
  })
}

/** Whether everything of one state is in the other. */
export function covers(whole: State, part: State): boolean {
  for (const [client, clock] of part) if ((whole.get(client) ?? 0) < clock) return false
  return true
}

const NOWHERE: State = new Map()

function faulty(fault: string): Inspection {
  return { fault, isQuestion: false, leadsTo: NOWHERE }
}

function isWithinReach(clock: number, length: number): boolean {
  return length > 0 && clock + length < MAX_CLOCK
}

/** Bytes under a key of one of our two maps. Where the parent is left out it is that of the entry before. */
function isEntry({ id, content, parent, parentSub, origin, rightOrigin }: Y.Item): boolean {
  if (content instanceof Y.ContentBinary) {
    if (content.content.byteLength > MAX_ENTRY_BYTES) return false
  } else if (!(content instanceof Y.ContentDeleted)) {
    return false
  }
  // Yjs takes it for granted that nobody wrote after what he had not written yet.
  const isEarlier = (other: Y.ID | null): boolean => other?.client !== id.client || other.clock < id.clock
  if (!isEarlier(origin) || !isEarlier(rightOrigin)) return false
  const place: unknown = parent
  if (place === null) return origin !== null || rightOrigin !== null
  if (place !== RECORDS && place !== AUTHORS) return false
  return parentSub !== null && parentSub.length <= MAX_PLACE_CHARS
}
