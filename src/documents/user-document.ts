import * as Y from 'yjs'

import type { Bytes } from '../base/bytes.ts'

/** The one map of a user's document. */
export const ATTRIBUTES = 'attributes'

/**
 * Values that were replaced or deleted leave a trace of 5 to 45 bytes each in the document. After so many it begins
 * anew, so that with 16 KB of attributes it stays below 32 KB.
 */
export const MAX_TRACES = 256

/**
 * The user attributes of one session, written by that session only. A document that begins anew has another writer's
 * number, so that who has read the former one is sent all of it.
 */
export class UserDocument {
  private doc = new Y.Doc()
  private generation = 0
  private traces = 0

  constructor(attributes: ReadonlyMap<string, string>) {
    this.begin(attributes)
  }

  /** These are the attributes from now on. */
  write(attributes: ReadonlyMap<string, string>): void {
    const map = this.doc.getMap<string>(ATTRIBUTES)
    const gone = [...map.keys()].filter((key) => !attributes.has(key))
    const changed = [...attributes].filter(([key, value]) => map.get(key) !== value)
    this.traces += gone.length + changed.filter(([key]) => map.has(key)).length
    // A document without entries could not be told from one without news.
    if (this.traces > MAX_TRACES && attributes.size > 0) return this.begin(attributes)
    this.doc.transact(() => {
      for (const key of gone) map.delete(key)
      for (const [key, value] of changed) map.set(key, value)
    })
  }

  /** What somebody with this state vector lacks; all of it for what is no state vector. */
  update(stateVector: Uint8Array): Bytes {
    // Yjs allocates with `new Uint8Array(length)`; its declarations are older than typed buffers.
    try {
      return Y.encodeStateAsUpdate(this.doc, stateVector) as Bytes
    } catch {
      // Yjs throws only for a state vector that it cannot read.
      return Y.encodeStateAsUpdate(this.doc) as Bytes
    }
  }

  private begin(attributes: ReadonlyMap<string, string>): void {
    this.doc.destroy()
    this.doc = new Y.Doc()
    this.doc.clientID = ++this.generation
    this.traces = 0
    this.write(attributes)
  }
}
