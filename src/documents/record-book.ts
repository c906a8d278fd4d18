import { type Bytes, equalBytes } from '../base/bytes.ts'
import type { SessionId } from '../base/ids.ts'
import type { Author } from '../mesh/trust.ts'
import { decodeRecord, type SignedRecord } from '../protocol/attribute-record.ts'

/** A record whose author was verified. */
export interface ValidRecord extends SignedRecord {
  readonly place: string
  readonly bytes: Bytes
  readonly author: Author
  /** Sealed; what the author was verified by. */
  readonly credential: string
}

export interface RecordBookOptions {
  /** What stands at this place now, and the credential that stands there for a session. */
  record(place: string): Bytes | undefined
  credential(sessionId: SessionId): string | undefined
  check(record: SignedRecord, credential: string): Promise<Author | undefined>
}

type Entry =
  | { readonly is: 'being checked'; readonly bytes: Bytes }
  | { readonly is: 'valid'; readonly bytes: Bytes; readonly record: ValidRecord }
  | { readonly is: 'not valid'; readonly bytes: Bytes }

/**
 * Which records of a replica are valid. They may come before their author's credential, and be exchanged while they
 * are being checked; `settled` resolves when everything that is there now has been checked.
 */
export class RecordBook {
  private readonly entryByPlace = new Map<string, Entry>()
  private readonly checks = new Set<Promise<void>>()

  constructor(private readonly options: RecordBookOptions) {}

  get valid(): readonly ValidRecord[] {
    const records: ValidRecord[] = []
    for (const entry of this.entryByPlace.values()) if (entry.is === 'valid') records.push(entry.record)
    return records
  }

  /** Nothing is being checked at this moment. */
  get isSettled(): boolean {
    return this.checks.size === 0
  }

  async settled(): Promise<void> {
    while (this.checks.size > 0) await Promise.all(this.checks)
  }

  /** This record is going to stand there, and needs no check. */
  expect(record: ValidRecord): void {
    this.entryByPlace.set(record.place, { is: 'valid', bytes: record.bytes, record })
  }

  /** Other records stand at these places, or none any more. */
  changed(places: Iterable<string>): void {
    for (const place of places) {
      const bytes = this.options.record(place)
      if (!bytes) this.entryByPlace.delete(place)
      else if (!this.knows(place, bytes)) this.check(place, bytes)
    }
  }

  /** Credentials came, or server keys: what could not be verified before may be now. */
  reconsider(): void {
    for (const [place, entry] of this.entryByPlace)
      if (entry.is === 'not valid') this.check(place, entry.bytes)
  }

  private knows(place: string, bytes: Bytes): boolean {
    const entry = this.entryByPlace.get(place)
    return entry !== undefined && equalBytes(entry.bytes, bytes)
  }

  private check(place: string, bytes: Bytes): void {
    const record = decodeRecord(place, bytes)
    const credential = record && this.options.credential(record.sessionId)
    const entry: Entry = { is: record && credential !== undefined ? 'being checked' : 'not valid', bytes }
    this.entryByPlace.set(place, entry)
    if (!record || credential === undefined) return
    const check = this.options
      .check(record, credential)
      .then((author) => {
        if (this.entryByPlace.get(place) !== entry) return
        this.entryByPlace.set(
          place,
          author
            ? { is: 'valid', bytes, record: { ...record, place, bytes, author, credential } }
            : { is: 'not valid', bytes },
        )
      })
      .finally(() => this.checks.delete(check))
    this.checks.add(check)
  }
}
