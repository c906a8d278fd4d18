import * as Y from 'yjs'

import type { Bytes } from '../base/bytes.ts'
import {
  areWithinLimits,
  isAttributeKey,
  MAX_USER_ATTRIBUTES_TOTAL_BYTES,
} from '../protocol/attribute-limits.ts'
import type { Attribute } from './attribute.ts'
import { ATTRIBUTES, MAX_TRACES } from './user-document.ts'

/** An honest update has an entry for each attribute and each trace, and deletes what the traces stand for. */
const MAX_PARTS = 4 * MAX_TRACES
/** An honest document of this much has begun anew several times; a hostile one would grow for ever. */
const MAX_APPLIED_BYTES = 256 * 1024

/** What this session has read of another one's user attributes. Its updates come from there, and may be anything. */
export class UserReplica {
  private doc = new Y.Doc()
  private appliedBytes = 0

  /** It took so much that the next read had better begin with a fresh one. */
  get isWornOut(): boolean {
    return this.appliedBytes > MAX_APPLIED_BYTES
  }

  get stateVector(): Bytes {
    // Yjs allocates with `new Uint8Array(length)`; its declarations are older than typed buffers.
    return Y.encodeStateVector(this.doc) as Bytes
  }

  /** The attributes as of the last update. What the API would not allow to be set is not among them. */
  get attributes(): readonly Attribute[] {
    const shown = new Map<string, string>()
    for (const [key, value] of this.doc.getMap(ATTRIBUTES).entries()) {
      if (typeof value !== 'string' || value === '' || !isAttributeKey(key)) continue
      shown.set(key, value)
      if (!areWithinLimits(shown, MAX_USER_ATTRIBUTES_TOTAL_BYTES)) shown.delete(key)
    }
    return [...shown].map(([key, value]) => ({ key, value }))
  }

  /** False, and the replica is empty, if it is no update that a `UserDocument` could have made. */
  apply(update: Uint8Array): boolean {
    this.appliedBytes += update.byteLength
    const firstClock = inspect(update)
    // The whole of a document: what was here before may be an earlier one.
    if (firstClock === undefined || firstClock === 0) this.reset()
    if (firstClock === undefined) return false
    if (this.take(update)) return true
    this.reset()
    return false
  }

  /** False if it builds on something that was never sent. */
  private take(update: Uint8Array): boolean {
    try {
      Y.applyUpdate(this.doc, update)
    } catch {
      // Whatever Yjs cannot put together.
      return false
    }
    const { pendingStructs, pendingDs } = this.doc.store
    return !pendingStructs && !pendingDs
  }

  private reset(): void {
    this.doc.destroy()
    this.doc = new Y.Doc()
  }
}

/**
 * Where an update begins in its document, Infinity if it only deletes; undefined for what is no update of a user's
 * document. It is read without a document, as Yjs would otherwise make room for whatever the update announces.
 */
function inspect(update: Uint8Array): number | undefined {
  try {
    const { structs, ds } = Y.decodeUpdate(update)
    const deletes = [...ds.clients.values()]
    const writers = new Set([...structs.map(({ id }) => id.client), ...ds.clients.keys()])
    const isOfOneWriter = writers.size <= 1
    const isSmall = structs.length <= MAX_PARTS && deletes.every(({ length }) => length <= MAX_PARTS)
    if (!isOfOneWriter || !isSmall || !structs.every(isEntry)) return undefined
    return structs[0]?.id.clock ?? Infinity
  } catch {
    // Yjs throws for whatever it cannot read.
    return undefined
  }
}

/** A text under a key of the map, or what is left of one. The place is left out where the entry before tells it. */
function isEntry(struct: Y.Item | Y.GC | Y.Skip): boolean {
  if (!(struct instanceof Y.Item)) return false
  const { content, origin, rightOrigin, parentSub } = struct
  const place: unknown = struct.parent
  const isText =
    content instanceof Y.ContentAny && content.arr.length === 1 && typeof content.arr[0] === 'string'
  if (!isText && !(content instanceof Y.ContentDeleted)) return false
  return place === null ? origin !== null || rightOrigin !== null : place === ATTRIBUTES && parentSub !== null
}
