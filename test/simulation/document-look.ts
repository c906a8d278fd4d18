import { toHex } from '../../src/base/bytes.ts'
import type { ChannelId, SessionId } from '../../src/base/ids.ts'
import type { ChannelAttribute } from '../../src/documents/attribute.ts'
import { decodeRecord, recordPlace, type SignedRecord } from '../../src/protocol/attribute-record.ts'
import { KEY_ID_BYTES, openCredential } from '../../src/protocol/credential.ts'
import { sha256 } from '../support/seeded-crypto.ts'
import type { SimulatedPage } from './page.ts'

/** A channel's document as it lies in a page, verified or not. */
export interface DocumentLook {
  readonly generation: string | undefined
  /** By their places, in hexadecimal: the same wherever the document is the same. */
  readonly records: ReadonlyMap<string, string>
  /** By key: the clock of the latest record, whoever can verify it. */
  readonly clocks: ReadonlyMap<string, number>
  /** What this page is to show of it: all records of authors whom a key vouches for that it accepts, and of no others. */
  readonly attributes: readonly ChannelAttribute[]
}

/** Undefined for a page that has nothing to do with the channel. It looks behind what is private, as no user can. */
export function lookAtDocument(page: SimulatedPage, channelId: ChannelId): DocumentLook | undefined {
  const { session } = page
  const document = session?.channelAttributes.present?.['places'].get(channelId)?.present
  if (!session || !document) return undefined
  const edition = document['replication'].edition
  const acceptedKeyIds = new Set([...session.trust.serverKeyIds, ...document['authorCheck'].keyIds])
  const isProven = (sessionId: SessionId): boolean => {
    const credential = openCredential(edition?.credentialOf(sessionId) ?? '')?.credential
    if (!credential) return false
    if (acceptedKeyIds.has(toHex(credential.keyId))) return true
    // A session that no server has accepted vouches for itself, to tabs of its origin.
    const ownKeyId = toHex(sha256(credential.signingKey).subarray(0, KEY_ID_BYTES))
    return toHex(credential.keyId) === ownKeyId && session.trust.isTab(sessionId)
  }
  const raw = [...(edition?.replica.records ?? [])]
  const records = raw
    .map(([place, bytes]) => decodeRecord(place, bytes))
    .filter((record) => record !== undefined)
  // What was verified once stays so, under whatever credential its author had then.
  const verified = new Set(edition?.book.valid.map(({ place }) => place))
  const proven = records.filter((record) => verified.has(recordPlace(record)) || isProven(record.sessionId))
  return {
    generation: edition?.generation.id,
    records: new Map(raw.map(([place, bytes]) => [place, toHex(bytes)])),
    clocks: new Map(byClock(records).map(({ key, clock }) => [key, clock])),
    attributes: latest(proven),
  }
}

/** By another way than the product's: of each key the record with the highest clock, then user id. Limits are not met here. */
function latest(records: readonly SignedRecord[]): readonly ChannelAttribute[] {
  const byKey = new Map(byClock(records).map((record) => [record.key, record]))
  return [...byKey.values()]
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .flatMap(({ key, value, userId, clock }) =>
      value === undefined ? [] : [{ key, value, lastUpdateUserId: userId, lastUpdateTs: clock }],
    )
}

function byClock(records: readonly SignedRecord[]): readonly SignedRecord[] {
  return [...records].sort((a, b) => a.clock - b.clock || (a.userId < b.userId ? -1 : 1))
}

/** To compare, and to be read by people. */
export function documentText(look: DocumentLook | undefined): string {
  const records = [...(look?.records ?? [])].sort(([a], [b]) => (a < b ? -1 : 1))
  return `${look?.generation ?? 'nothing'}: ${records.map(([place, bytes]) => `${place.replace('\0', ' of ')}=${bytes}`).join(', ')}`
}
