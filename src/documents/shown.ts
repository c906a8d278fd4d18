import { utf8ByteLength } from '../base/bytes.ts'
import { MAX_ATTRIBUTES, MAX_CHANNEL_ATTRIBUTES_BYTES } from '../protocol/attribute-limits.ts'
import type { AttributeRecord } from '../protocol/attribute-record.ts'
import type { ChannelAttribute } from './attribute.ts'

/** Clocks differ; what is further ahead of ours than this was written under a false one. */
export const MAX_AHEAD_MS = 5 * 60_000

/** Of two records of one key the later counts; of two of one moment that of the higher user id, the same everywhere. */
export function isLater(a: AttributeRecord, b: AttributeRecord): boolean {
  return a.clock !== b.clock ? a.clock > b.clock : a.userId > b.userId
}

/** The record that counts for each key. Those too far ahead of `now` do not, until it has caught up. */
export function winners<Record extends AttributeRecord>(
  records: Iterable<Record>,
  now: number,
): ReadonlyMap<string, Record> {
  const winnerByKey = new Map<string, Record>()
  for (const record of records) {
    if (record.clock > now + MAX_AHEAD_MS) continue
    const rival = winnerByKey.get(record.key)
    if (!rival || isLater(record, rival)) winnerByKey.set(record.key, record)
  }
  return winnerByKey
}

/**
 * The records of these winners that are shown, the latest first. Concurrent writes may come to more than a channel
 * can have: then the oldest are not shown, the same everywhere.
 */
export function shownOf<Record extends AttributeRecord>(winning: Iterable<Record>): readonly Record[] {
  const records: Record[] = []
  let byteCount = 0
  for (const record of [...winning].sort(byAge)) {
    if (record.value === undefined) continue
    byteCount += utf8ByteLength(record.key) + utf8ByteLength(record.value)
    if (records.length === MAX_ATTRIBUTES || byteCount > MAX_CHANNEL_ATTRIBUTES_BYTES) break
    records.push(record)
  }
  return records
}

/** The attributes of a channel, by key. */
export function shown(records: Iterable<AttributeRecord>, now: number): readonly ChannelAttribute[] {
  return shownOf(winners(records, now).values())
    .map(({ key, value = '', userId, clock }) => ({
      key,
      value,
      lastUpdateUserId: userId,
      lastUpdateTs: clock,
    }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
}

/** The latest first; those of one write in the order of their keys. */
function byAge(a: AttributeRecord, b: AttributeRecord): number {
  if (a.clock !== b.clock || a.userId !== b.userId) return isLater(a, b) ? -1 : 1
  return a.key < b.key ? -1 : 1
}
