import { utf8ByteLength } from '../base/bytes.ts'
import type { ValidRecord } from './record-book.ts'
import { shownOf, winners } from './shown.ts'

/** Deleted keys that are remembered, so that who was away does not bring them back. */
const MAX_DELETED = 128
/**
 * Records with their credentials. What is shown always fits: 32 KB of attributes by 32 users come to 58 KB. It leaves
 * room in a document for what later writes leave behind before it has to begin anew.
 */
const MAX_KEPT_BYTES = 72 * 1024
/** What Yjs adds to an entry, at most. */
const ENTRY_BYTES = 40

/**
 * The records that a document needs: what is shown, what was deleted in this time, and what would be shown if there
 * were less. As far as there is room; the latest first.
 */
export function worthKeeping(
  records: Iterable<ValidRecord>,
  now: number,
  deletedForMs: number,
): readonly ValidRecord[] {
  const winning = [...winners(records, now).values()]
  const shownRecords = shownOf(winning)
  const isShown = new Set(shownRecords)
  const rest = winning.filter((record) => !isShown.has(record)).sort((a, b) => b.clock - a.clock)
  const deleted = rest.filter(({ value, clock }) => value === undefined && clock > now - deletedForMs)
  const hidden = rest.filter(({ value }) => value !== undefined)
  return asFarAsThereIsRoom([...shownRecords, ...deleted.slice(0, MAX_DELETED), ...hidden])
}

function asFarAsThereIsRoom(records: readonly ValidRecord[]): readonly ValidRecord[] {
  const sessions = new Set<string>()
  let byteCount = 0
  const end = records.findIndex((record) => {
    byteCount += utf8ByteLength(record.place) + record.bytes.byteLength + ENTRY_BYTES
    if (!sessions.has(record.sessionId)) byteCount += record.credential.length + ENTRY_BYTES
    sessions.add(record.sessionId)
    return byteCount > MAX_KEPT_BYTES
  })
  return end < 0 ? records : records.slice(0, end)
}
