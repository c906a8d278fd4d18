import { toHex } from '../../src/base/bytes.ts'
import type { ChannelId, SessionId } from '../../src/base/ids.ts'
import type { ChannelAttribute } from '../../src/documents/attribute.ts'
import { decodeRecord, recordPlace, type SignedRecord } from '../../src/protocol/attribute-record.ts'
import { type Credential, openCredential } from '../../src/protocol/credential.ts'
import { keyIdOf, keyIdsEverKnown } from './keys.ts'
import type { Login } from './login.ts'
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
  /** Records of which the page alone says that it has verified them, while it still could. */
  readonly renewedCount: number
}

/** Undefined for a page that has nothing to do with the channel. It looks behind what is private, as no user can. */
export function lookAtDocument(
  page: SimulatedPage,
  channelId: ChannelId,
  logins: ReadonlyMap<SessionId, Login>,
): DocumentLook | undefined {
  const { session, login } = page
  const document = session?.channelAttributes.present?.['places'].get(channelId)?.present
  if (!session || !login || !document) return undefined
  const edition = document['replication'].edition
  // What its disk says is good as far as its user knew it there.
  const everKnown = keyIdsEverKnown(login, logins.values())
  const kept = [...document['authorCheck'].keyIds].filter((keyId) => everKnown.has(keyId))
  const acceptedKeyIds = new Set([...login.serverKeyIds, ...kept])
  const credentialOf = (author: SessionId): Credential | undefined =>
    openCredential(edition?.credentialOf(author) ?? '')?.credential
  const isAccepted = (author: SessionId, keyId: string, { signingKey }: Credential): boolean => {
    if (acceptedKeyIds.has(keyId)) return true
    // A session that no server has accepted vouches for itself, to tabs of its origin.
    const isInBrowser = logins.get(author)?.browser === page.browser
    return keyId === keyIdOf(signingKey) && isInBrowser && session.trust.isTab(author)
  }
  const isProven = (author: SessionId): boolean => {
    const credential = credentialOf(author)
    return credential !== undefined && isAccepted(author, toHex(credential.keyId), credential)
  }
  // Its author has renewed its credential under a key that this page does not know, and showed another one before.
  const wasProven = (author: SessionId): boolean => {
    const credential = credentialOf(author)
    const earlier = [...(logins.get(author)?.credentialKeyIds ?? [])]
    return credential !== undefined && earlier.some((keyId) => isAccepted(author, keyId, credential))
  }
  const raw = [...(edition?.replica.records ?? [])]
  const records = raw
    .map(([place, bytes]) => decodeRecord(place, bytes))
    .filter((record) => record !== undefined)
  // What was verified once stays so.
  const verified = new Set(edition?.book.valid.map(({ place }) => place))
  const renewed = records.filter(
    (record) =>
      !isProven(record.sessionId) && verified.has(recordPlace(record)) && wasProven(record.sessionId),
  )
  const proven = records.filter((record) => renewed.includes(record) || isProven(record.sessionId))
  return {
    generation: edition?.generation.id,
    records: new Map(raw.map(([place, bytes]) => [place, toHex(bytes)])),
    clocks: new Map(byClock(records).map(({ key, clock }) => [key, clock])),
    attributes: latest(proven),
    renewedCount: renewed.length,
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
