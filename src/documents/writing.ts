import type { AttributeChange } from './attribute.ts'
import type { Entry } from './authorship.ts'
import type { ValidRecord } from './record-book.ts'
import { shown, winners } from './shown.ts'

/** What the attributes are after a change; or that they may not be so. */
export type ApplyChange = (
  attributes: ReadonlyMap<string, string>,
  change: AttributeChange,
) => ReadonlyMap<string, string> | 'size-overflow'

/** What is to be written for a change of what these records show. */
export function entriesOf(
  change: AttributeChange,
  applyChange: ApplyChange,
  records: readonly ValidRecord[],
  now: number,
): readonly Entry[] | 'size-overflow' {
  const attributes = new Map(shown(records, now).map(({ key, value }) => [key, value]))
  const next = applyChange(attributes, change)
  if (next === 'size-overflow') return next
  const keys = 'attributes' in change ? change.attributes.map(({ key }) => key) : []
  const values = [...new Set(keys)].map((key) => ({ key, value: next.get(key) }))
  return [...values, ...deletions(change, next, winners(records, now).values())]
}

/** Also of what is not shown because there is too much: it would be shown then. */
function deletions(
  change: AttributeChange,
  next: ReadonlyMap<string, string>,
  counting: Iterable<ValidRecord>,
): readonly Entry[] {
  const present = [...counting].filter(({ value }) => value !== undefined).map(({ key }) => key)
  const isMeant = (key: string): boolean =>
    change.kind === 'delete' ? change.keys.includes(key) : change.kind !== 'update' && !next.has(key)
  return present.filter(isMeant).map((key) => ({ key, value: undefined }))
}
