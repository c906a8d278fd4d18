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

interface ValidEntry {
  readonly is: 'valid'
  readonly bytes: Bytes
  readonly record: ValidRecord
}

type Entry =
  | ValidEntry
  | { readonly is: 'being checked'; readonly bytes: Bytes }
  | { readonly is: 'not valid'; readonly bytes: Bytes; readonly sessionId: SessionId | undefined }

/**
 * Which records of a replica are valid. They may come before their author's credential, and be exchanged while they
 * are being checked.
 */
export class RecordBook {
  private readonly entryByPlace = new Map<string, Entry>()
  private readonly checks = new Set<Promise<void>>()
  /** How often there was reason to look again. */
  private reasons = 0

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

  /** Resolves when everything that is there now has been checked. */
  async settled(): Promise<void> {
    await Promise.all(this.checks)
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

  /**
   * What could not be verified before may be now: credentials of these sessions came, or server keys of whomever. And
   * what was verified is so by the credential that stands there now, if it can be, as for those who come later.
   */
  reconsider(sessionIds?: ReadonlySet<string>): void {
    this.reasons += 1
    for (const [place, entry] of this.entryByPlace) {
      const sessionId = sessionIdOf(entry)
      if (sessionId === undefined || sessionIds?.has(sessionId) === false) continue
      if (entry.is === 'valid') this.checkAgain(place, entry)
      else this.check(place, entry.bytes)
    }
  }

  private knows(place: string, bytes: Bytes): boolean {
    const entry = this.entryByPlace.get(place)
    return entry !== undefined && equalBytes(entry.bytes, bytes)
  }

  private check(place: string, bytes: Bytes): void {
    const record = decodeRecord(place, bytes)
    const hasCredential = record && this.options.credential(record.sessionId) !== undefined
    if (!hasCredential) {
      return void this.entryByPlace.set(place, { is: 'not valid', bytes, sessionId: record?.sessionId })
    }
    const entry: Entry = { is: 'being checked', bytes }
    this.entryByPlace.set(place, entry)
    const check = this.judge(place, entry, record).finally(() => this.checks.delete(check))
    this.checks.add(check)
  }

  /** Its author has renewed its credential. What was verified once stays so, whatever stands there now. */
  private checkAgain(place: string, entry: ValidEntry): void {
    const { record } = entry
    const present = (): string | undefined => this.options.credential(record.sessionId)
    const credential = present()
    if (credential === undefined || credential === record.credential) return
    const check = this.options
      .check(record, credential)
      .catch(nobody)
      .then((author) => {
        if (!author || this.entryByPlace.get(place) !== entry || present() !== credential) return
        this.entryByPlace.set(place, { ...entry, record: { ...record, author, credential } })
      })
      .finally(() => this.checks.delete(check))
    this.checks.add(check)
  }

  /** Again, if there was reason to meanwhile. */
  private async judge(place: string, entry: Entry, record: SignedRecord): Promise<void> {
    const { reasons } = this
    const { bytes } = entry
    const credential = this.options.credential(record.sessionId)
    const author =
      credential === undefined ? undefined : await this.options.check(record, credential).catch(nobody)
    if (this.entryByPlace.get(place) !== entry) return
    if (author && credential !== undefined) {
      const valid = { ...record, place, bytes, author, credential }
      this.entryByPlace.set(place, { is: 'valid', bytes, record: valid })
    } else if (reasons === this.reasons) {
      this.entryByPlace.set(place, { is: 'not valid', bytes, sessionId: record.sessionId })
    } else {
      await this.judge(place, entry, record)
    }
  }
}

/** Undefined while it is being checked, and for what is no record. */
function sessionIdOf(entry: Entry): SessionId | undefined {
  if (entry.is === 'valid') return entry.record.sessionId
  return entry.is === 'not valid' ? entry.sessionId : undefined
}

/** Whose signature cannot be verified, for whatever reason, that counts as nobody's. */
function nobody(): undefined {
  return undefined
}
