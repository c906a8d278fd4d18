import { writeVarString, writeVarUint8Array } from 'lib0/encoding'

import { type Bytes, toHex, utf8 } from '../base/bytes.ts'
import type { Crypto } from '../base/crypto.ts'
import type { SessionId } from '../base/ids.ts'
import type { Author } from '../mesh/trust.ts'
import type { SignedRecord } from '../protocol/attribute-record.ts'
import { encodeBytes } from '../protocol/codec.ts'
import { MAX_CREDENTIAL_TEXT } from '../protocol/credential.ts'
import type { Generation } from '../protocol/document-messages.ts'
import type { ChannelAttribute } from './attribute.ts'
import { RecordBook, type ValidRecord } from './record-book.ts'
import { Replica } from './replica.ts'
import { MAX_AHEAD_MS, shown, winners } from './shown.ts'

export interface EditionOptions {
  /** Of its own for each edition of each page. */
  readonly name: string
  readonly crypto: Pick<Crypto, 'sha256'>
  /** Server time. */
  now(): number
  check(record: SignedRecord, credential: string): Promise<Author | undefined>
  /** The server keys that are accepted. */
  keyIds(): Iterable<string>
  changed(): void
}

/** What an edition was at one moment. */
export interface Snapshot {
  readonly stateVector: Bytes
  /** Of the valid records, by the key that vouches for their authors; also of none, for a key that is accepted. */
  readonly hashByKeyId: ReadonlyMap<string, string>
}

/** Deleted keys that are remembered, so that who was away does not bring them back. Each takes some 180 bytes. */
const MAX_DELETED = 128
/** A deletion is forgotten when nobody can still have what was deleted: stored documents live this long by default. */
const DELETED_FOR_MS = 24 * 3_600_000

/** One generation of a channel's document in this page: the replica, and which of its records are valid. */
export class Edition {
  readonly replica: Replica
  readonly book: RecordBook

  constructor(
    readonly generation: Generation,
    private readonly options: EditionOptions,
  ) {
    this.replica = new Replica(options.name, {
      changed: (places, authorsChanged) => {
        this.book.changed(places)
        if (authorsChanged) this.book.reconsider()
        options.changed()
      },
    })
    const { records, authors } = this.replica
    this.book = new RecordBook({
      record: (place) => bytesOf(records.get(place)),
      credential: (sessionId) => credentialOf(bytesOf(authors.get(sessionId))),
      check: (record, credential) => options.check(record, credential),
    })
  }

  /** What is shown of what has been checked. */
  get attributes(): readonly ChannelAttribute[] {
    return shown(this.book.valid, this.options.now())
  }

  /** The highest clock that was seen, those too far ahead left out. */
  get latestClock(): number {
    let latest = 0
    const limit = this.options.now() + MAX_AHEAD_MS
    for (const { clock } of this.book.valid) if (clock <= limit) latest = Math.max(latest, clock)
    return latest
  }

  get isEmpty(): boolean {
    return this.replica.records.size === 0
  }

  /** These records are put in, as one change; those that they supersede are taken out. */
  put(records: readonly ValidRecord[]): void {
    const { replica, book } = this
    replica.change(() => {
      for (const record of records) {
        book.expect(record)
        replica.records.set(record.place, record.bytes)
        const { sessionId } = record.author
        const credential = utf8(record.credential)
        if (credentialOf(bytesOf(replica.authors.get(sessionId))) !== record.credential)
          replica.authors.set(sessionId, credential)
      }
      this.prune()
    })
  }

  /** The credential of a session, renewed. */
  putCredential(sessionId: SessionId, credential: string): void {
    const { authors } = this.replica
    if (credentialOf(bytesOf(authors.get(sessionId))) === credential) return
    authors.set(sessionId, utf8(credential))
  }

  /** The records that count, deletions included, as far as they are remembered: what a successor begins with. */
  worthKeeping(): readonly ValidRecord[] {
    const now = this.options.now()
    const counting = [...winners(this.book.valid, now).values()]
    const deletions = counting
      .filter(({ value, clock }) => value === undefined && clock > now - DELETED_FOR_MS)
      .sort((a, b) => b.clock - a.clock)
    return [...counting.filter(({ value }) => value !== undefined), ...deletions.slice(0, MAX_DELETED)]
  }

  /** Once everything has been checked; of one moment. */
  async snapshot(): Promise<Snapshot> {
    await this.book.settled()
    const { stateVector } = this.replica
    const recordsByKeyId = new Map<string, ValidRecord[]>()
    for (const keyId of this.options.keyIds()) recordsByKeyId.set(keyId, [])
    for (const record of this.book.valid) {
      const { keyId } = record.author
      recordsByKeyId.set(keyId, [...(recordsByKeyId.get(keyId) ?? []), record])
    }
    const hashByKeyId = new Map<string, string>()
    for (const [keyId, records] of recordsByKeyId) {
      hashByKeyId.set(keyId, toHex(await this.options.crypto.sha256(hashInput(records))))
    }
    return { stateVector, hashByKeyId }
  }

  close(): void {
    this.replica.close()
  }

  /**
   * Takes out what is superseded or forgotten. Credentials stay until the document begins anew: whoever takes one out
   * that nothing needs does so while its session may be writing.
   */
  private prune(): void {
    const { records } = this.replica
    const kept = new Set(this.worthKeeping().map(({ place }) => place))
    const limit = this.options.now() + MAX_AHEAD_MS
    for (const { place, clock } of this.book.valid) {
      // One that is ahead of our clock is its author's, and may still come to count.
      if (!kept.has(place) && clock <= limit) records.delete(place)
    }
  }
}

/** What a hostile peer has put there may be anything that passes the inspection of messages. */
function bytesOf(value: unknown): Bytes | undefined {
  return value instanceof Uint8Array ? (value as Bytes) : undefined
}

function credentialOf(bytes: Bytes | undefined): string | undefined {
  return bytes && bytes.byteLength <= MAX_CREDENTIAL_TEXT ? new TextDecoder().decode(bytes) : undefined
}

function hashInput(records: readonly ValidRecord[]): Bytes {
  const inOrder = [...records].sort((a, b) => (a.place < b.place ? -1 : 1))
  return encodeBytes((encoder) => {
    for (const { place, bytes } of inOrder) {
      writeVarString(encoder, place)
      writeVarUint8Array(encoder, bytes)
    }
  })
}
