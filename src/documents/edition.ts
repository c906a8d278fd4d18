import { writeVarString, writeVarUint8Array } from 'lib0/encoding'

import { type Bytes, toHex, utf8 } from '../base/bytes.ts'
import type { Crypto } from '../base/crypto.ts'
import type { SessionId } from '../base/ids.ts'
import type { Author } from '../mesh/trust.ts'
import { decodeRecord, type SignedRecord } from '../protocol/attribute-record.ts'
import { encodeBytes } from '../protocol/codec.ts'
import { MAX_CREDENTIAL_TEXT } from '../protocol/credential.ts'
import { type Generation, MAX_HASHES } from '../protocol/document-messages.ts'
import type { ChannelAttribute } from './attribute.ts'
import type { State } from './inspection.ts'
import { worthKeeping } from './keeping.ts'
import { RecordBook, type ValidRecord } from './record-book.ts'
import { Replica } from './replica.ts'
import { MAX_AHEAD_MS, shown } from './shown.ts'

export interface EditionOptions {
  /** Of its own for each edition of each page. */
  readonly name: string
  readonly clientId: number
  readonly crypto: Pick<Crypto, 'sha256'>
  /** Server time. */
  now(): number
  /** How long a deletion is remembered, in milliseconds. */
  deletedForMs(): number
  check(record: SignedRecord, credential: string): Promise<Author | undefined>
  /** Whether this session may be writing at this moment. */
  isPresent(sessionId: string): boolean
  /** The server keys that are accepted. */
  keyIds(): Iterable<string>
  changed(): void
}

/** What an edition was at one moment. */
export interface Snapshot {
  readonly state: State
  readonly stateVector: Bytes
  /** Of the valid records, by the key that vouches for their authors; also of none, for a key that is accepted. */
  readonly hashByKeyId: ReadonlyMap<string, string>
}

/** While the records of one message are checked, those of another one come. */
const MAX_TRIES = 8

/** One generation of a channel's document in this page: the replica, and which of its records are valid. */
export class Edition {
  readonly replica: Replica
  readonly book: RecordBook

  constructor(
    readonly generation: Generation,
    private readonly options: EditionOptions,
  ) {
    this.replica = new Replica(options, {
      changed: (places, sessionIds) => {
        this.book.changed(places)
        if (sessionIds.size > 0) this.book.reconsider(sessionIds)
        options.changed()
      },
    })
    const { records } = this.replica
    this.book = new RecordBook({
      record: (place) => bytesOf(records.get(place)),
      credential: (sessionId) => this.credentialOf(sessionId),
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

  /** It was heard of, and nothing of it has come yet: whoever made it has put something into it, now deleted or not. */
  get isAwaited(): boolean {
    return this.replica.state.size === 0
  }

  /** The sealed credential that stands there for a session. */
  credentialOf(sessionId: SessionId): string | undefined {
    const bytes = bytesOf(this.replica.authors.get(sessionId))
    return bytes && bytes.byteLength <= MAX_CREDENTIAL_TEXT ? new TextDecoder().decode(bytes) : undefined
  }

  /** These records are put in, as one change; those that nobody needs any more are taken out. */
  put(records: readonly ValidRecord[]): void {
    const { replica, book } = this
    replica.change(() => {
      for (const record of records) {
        book.expect(record)
        replica.records.set(record.place, record.bytes)
        this.putCredential(record.sessionId, record.credential)
      }
      this.prune()
    })
  }

  putCredential(sessionId: SessionId, credential: string): void {
    if (this.credentialOf(sessionId) !== credential) this.replica.authors.set(sessionId, utf8(credential))
  }

  /** The records that count: what a successor begins with. */
  worthKeeping(records: Iterable<ValidRecord> = this.book.valid): readonly ValidRecord[] {
    return worthKeeping(records, this.options.now(), this.options.deletedForMs())
  }

  /** What there is of records that do not count, as far as that is known. */
  get uselessBytes(): number {
    const kept = new Set(this.worthKeeping().map(({ place }) => place))
    let byteCount = 0
    for (const [place, bytes] of this.replica.records) {
      if (!kept.has(place)) byteCount += place.length + (bytesOf(bytes)?.byteLength ?? 0)
    }
    return byteCount
  }

  /** Undefined if so much comes that there is no moment at which everything has been checked. */
  async snapshot(): Promise<Snapshot | undefined> {
    for (let tries = 0; tries < MAX_TRIES && !this.book.isSettled; tries++) await this.book.settled()
    if (!this.book.isSettled) return undefined
    const { state, stateVector } = this.replica
    const recordsByKeyId = new Map<string, ValidRecord[]>()
    for (const record of this.book.valid) {
      const { keyId } = record.author
      recordsByKeyId.set(keyId, [...(recordsByKeyId.get(keyId) ?? []), record])
    }
    for (const keyId of this.options.keyIds()) if (!recordsByKeyId.has(keyId)) recordsByKeyId.set(keyId, [])
    const hashByKeyId = new Map<string, string>()
    for (const [keyId, records] of [...recordsByKeyId].slice(0, MAX_HASHES)) {
      hashByKeyId.set(keyId, toHex(await this.options.crypto.sha256(hashInput(records))))
    }
    return { state, stateVector, hashByKeyId }
  }

  close(): void {
    this.replica.close()
  }

  /** Takes out what is superseded or forgotten, and credentials that nothing needs or is about to need. */
  private prune(): void {
    const { records, authors } = this.replica
    const kept = new Set(this.worthKeeping().map(({ place }) => place))
    const limit = this.options.now() + MAX_AHEAD_MS
    for (const { place, clock } of this.book.valid) {
      // One that is ahead of our clock is its author's, and may still come to count.
      if (!kept.has(place) && clock <= limit) records.delete(place)
    }
    const needed = new Set<string>()
    for (const [place, bytes] of records) {
      const record = decodeRecord(place, bytesOf(bytes) ?? new Uint8Array(0))
      if (record) needed.add(record.sessionId)
    }
    for (const sessionId of [...authors.keys()]) {
      if (!needed.has(sessionId) && !this.options.isPresent(sessionId)) authors.delete(sessionId)
    }
  }
}

/** What a hostile peer has put there may be anything that passes the inspection of messages. */
function bytesOf(value: unknown): Bytes | undefined {
  return value instanceof Uint8Array ? (value as Bytes) : undefined
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
