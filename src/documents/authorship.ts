import type { Bytes } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import type { AppId, ChannelId } from '../base/ids.ts'
import { describeError, type Log } from '../base/logger.ts'
import type { Author } from '../mesh/trust.ts'
import {
  type AttributeRecord,
  decodeRecord,
  encodeRecord,
  recordPlace,
  recordSigningInput,
} from '../protocol/attribute-record.ts'
import type { Peer } from '../protocol/peer.ts'
import { Allowance } from './allowance.ts'
import type { Edition } from './edition.ts'
import type { ValidRecord } from './record-book.ts'
import { isLater, MAX_AHEAD_MS } from './shown.ts'

export interface AuthorshipOptions {
  readonly appId: AppId
  readonly channelId: ChannelId
  readonly me: Pick<Peer, 'userId' | 'sessionId'>
  readonly clock: Clock
  readonly log: Log
  sign(input: Bytes): Promise<Bytes>
  /** This session's sealed credential as of now. */
  credential(): string
  verifyAuthor(credential: string): Promise<Author | undefined>
}

/** What is to be written under a key; undefined: nothing any more. */
export interface Entry {
  readonly key: string
  readonly value: string | undefined
}

/** A neighbour could take it out each time. */
const MAX_REPAIRS = 20
const REPAIRS_MS = 60_000

/** What this user's session writes, and sees to that it stays. */
export class Authorship {
  /** What this session wrote last, by its place. */
  private readonly written = new Map<string, ValidRecord>()
  private readonly repairs: Allowance

  constructor(private readonly options: AuthorshipOptions) {
    this.repairs = new Allowance(options.clock, MAX_REPAIRS, REPAIRS_MS)
  }

  /** All with one clock; undefined if this session cannot prove who it is. */
  async sign(entries: readonly Entry[], clock: number): Promise<readonly ValidRecord[] | undefined> {
    const signed = await Promise.all(entries.map((entry) => this.signRecord({ ...entry, clock })))
    const records = signed.filter((record) => record !== undefined)
    return records.length === entries.length ? records : undefined
  }

  /** A record that an earlier session of this user signed is signed by this one; any other one is as it was. */
  async signAgain(record: ValidRecord): Promise<ValidRecord> {
    const { me } = this.options
    if (record.userId !== me.userId || record.sessionId === me.sessionId) return record
    return (await this.signRecord(record)) ?? record
  }

  /** These records were put into a document. */
  wrote(records: readonly ValidRecord[]): void {
    for (const record of records) this.written.set(record.place, record)
  }

  /** Another edition has taken the place of the one before, or none: what it has not was left out of it. */
  switched(edition: Edition | undefined): void {
    this.written.clear()
    if (!edition) return
    const { sessionId } = this.options.me
    this.wrote(edition.book.valid.filter((record) => record.sessionId === sessionId))
  }

  /**
   * What this user wrote is signed by this session, as long as an earlier one's credential can be verified; its own
   * credential is beside it; and what this session wrote is there as long as it counts, whatever somebody put in its
   * place at the same moment. False: it is not in order, and there was too much to do to put it in order now.
   */
  async tend(edition: Edition, isPresent: () => boolean): Promise<boolean> {
    await edition.book.settled()
    const mine = await this.verifyOwn()
    if (!mine || !isPresent()) return true
    const { userId, sessionId } = this.options.me
    const own = edition.book.valid.filter((record) => record.userId === userId)
    const ofEarlier = own.filter(
      ({ author }) =>
        author.sessionId !== sessionId && author.credential.loginTime <= mine.credential.loginTime,
    )
    const signed = await Promise.all(ofEarlier.map((record) => this.signAgain(record)))
    // What has just come is a reason to look again in a moment.
    if (!isPresent() || !edition.book.isSettled) return true
    // Not what was exchanged while it was being signed.
    const presentByPlace = new Map(edition.book.valid.map((record) => [record.place, record]))
    const isStillThere = (record: ValidRecord, i: number): boolean =>
      record.sessionId === sessionId && presentByPlace.get(record.place) === ofEarlier[i]
    const records = [...signed.filter(isStillThere), ...this.lostFrom(edition)]
    const isCredentialThere = edition.credentialOf(sessionId) === this.options.credential()
    const isCredentialNeeded = own.some((record) => record.sessionId === sessionId)
    if (records.length === 0 && (isCredentialThere || !isCredentialNeeded)) return true
    if (!this.repairs.take()) return false
    this.wrote(records)
    if (records.length > 0) edition.put(records)
    else this.vouch(edition)
    return true
  }

  /** The present credential of this session stands there, as of a writer. */
  vouch(edition: Edition): void {
    edition.putCredential(this.options.me.sessionId, this.options.credential())
  }

  /** What this session wrote, is later than what stands in its place, and would count. The rest is forgotten. */
  private lostFrom(edition: Edition): readonly ValidRecord[] {
    const { valid } = edition.book
    const presentByPlace = new Map(valid.map((record) => [record.place, record]))
    const lost = [...this.written.values()].filter((record) => {
      const present = presentByPlace.get(record.place)
      return !present || isLater(record, present)
    })
    const lostPlaces = new Set(lost.map(({ place }) => place))
    const others = valid.filter(({ place }) => !lostPlaces.has(place))
    const counting = new Set(edition.worthKeeping([...others, ...lost]).map(({ place }) => place))
    for (const place of this.written.keys()) if (!counting.has(place)) this.written.delete(place)
    return lost.filter(({ place }) => counting.has(place))
  }

  private verifyOwn(): Promise<Author | undefined> {
    return this.options.verifyAuthor(this.options.credential())
  }

  private async signRecord({
    key,
    value,
    clock,
  }: Pick<AttributeRecord, 'key' | 'value' | 'clock'>): Promise<ValidRecord | undefined> {
    const { appId, channelId, me, sign, credential: currentCredential, log } = this.options
    const credential = currentCredential()
    const author = await this.verifyOwn()
    // Nobody would count it.
    if (!author || clock > author.credential.expiresAt + MAX_AHEAD_MS) return undefined
    const { userId, sessionId } = me
    const record = { key, value, userId, sessionId, clock }
    const place = recordPlace(record)
    try {
      const bytes = encodeRecord({
        ...record,
        signature: await sign(recordSigningInput(appId, channelId, record)),
      })
      // As others read it: half a character has become another one on the way.
      const read = decodeRecord(place, bytes)
      return read && { ...read, place, bytes, author, credential }
    } catch (error) {
      log('error', 'An attribute could not be signed', { error: describeError(error) })
      return undefined
    }
  }
}
