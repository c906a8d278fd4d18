import { writeUint8Array, writeVarString, writeVarUint, writeVarUint8Array } from 'lib0/encoding'

import type { Bytes } from '../base/bytes.ts'
import type { ChannelId } from '../base/ids.ts'
import type { Log } from '../base/logger.ts'
import { decode, encodeBytes } from '../protocol/codec.ts'
import { PUBLIC_KEY_BYTES } from '../base/crypto.ts'
import type { Generation } from '../protocol/document-messages.ts'
import type { Store } from '../storage/store.ts'
import { inspectUpdate } from './inspection.ts'

/** A document as this machine keeps it. */
export interface StoredDocument {
  readonly generation: Generation
  /** Server time in milliseconds at which a member of the channel was last known. */
  readonly memberSeenAt: number
  /** What this user wrote until then, others had. */
  readonly sharedUntil: number
  /** The server keys that vouch for its authors, by their ids in hexadecimal. */
  readonly keys: ReadonlyMap<string, Bytes>
  readonly update: Bytes
}

const FORMAT = 1
/** A document's authors may each have a key of their own, where there is no server. */
const MAX_KEYS = 256
const GENERATION_ID = /^[0-9a-f]{16}$/

/** The place on this machine where the document of one channel is kept. */
export class DocumentStorage {
  private readonly key: string

  constructor(
    private readonly store: Store,
    private readonly channelId: ChannelId,
    private readonly log: Log,
  ) {
    this.key = `channel/${channelId}`
  }

  /** What is not one of our documents, or not whole, is dropped. */
  async load(): Promise<StoredDocument | undefined> {
    const bytes = await this.store.get(this.key)
    if (!bytes) return undefined
    const stored = decodeStored(bytes)
    const fault = stored ? inspectUpdate(stored.update).fault : 'a record that cannot be decoded'
    if (stored && fault === undefined) return stored
    this.log('warn', 'A stored document was dropped', { channel: this.channelId, why: fault })
    await this.drop()
    return undefined
  }

  save(document: StoredDocument): Promise<void> {
    return this.store.set([this.key, encodeStored(document)])
  }

  drop(): Promise<void> {
    return this.store.delete(this.key)
  }
}

function encodeStored({ generation, memberSeenAt, sharedUntil, keys, update }: StoredDocument): Bytes {
  return encodeBytes((encoder) => {
    writeVarUint(encoder, FORMAT)
    writeVarUint(encoder, generation.createdAt)
    writeVarString(encoder, generation.id)
    writeVarString(encoder, generation.parent)
    writeVarUint(encoder, memberSeenAt)
    writeVarUint(encoder, sharedUntil)
    const stored = [...keys].slice(0, MAX_KEYS)
    writeVarUint(encoder, stored.length)
    for (const [keyId, key] of stored) {
      writeVarString(encoder, keyId)
      writeUint8Array(encoder, key)
    }
    writeVarUint8Array(encoder, update)
  })
}

function decodeStored(bytes: Bytes): StoredDocument | undefined {
  return decode(bytes, (reader) => {
    if (reader.varUint() !== FORMAT) return undefined
    const generation = { createdAt: reader.varUint(), id: reader.varText(), parent: reader.varText() }
    const memberSeenAt = reader.varUint()
    const sharedUntil = reader.varUint()
    const keys = new Map<string, Bytes>()
    const keyCount = reader.varUint()
    const isGeneration =
      GENERATION_ID.test(generation.id) && (generation.parent === '' || GENERATION_ID.test(generation.parent))
    if (keyCount > MAX_KEYS || !isGeneration) return undefined
    for (let i = 0; i < keyCount; i++) {
      keys.set(reader.varText(), new Uint8Array(reader.bytes(PUBLIC_KEY_BYTES)))
    }
    const update = new Uint8Array(reader.varBytes())
    return reader.isAtEnd ? { generation, memberSeenAt, sharedUntil, keys, update } : undefined
  })
}
