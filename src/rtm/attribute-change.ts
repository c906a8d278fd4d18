import type { Attribute, AttributeChange } from '../documents/attribute.ts'
import {
  areWithinLimits,
  isAttributeKey,
  MAX_CHANNEL_ATTRIBUTES_BYTES,
} from '../protocol/attribute-limits.ts'

/** What no call may ask for, whatever the attributes are now. */
export type AttributeProblem = 'invalid-attributes' | 'invalid-keys'

/**
 * What is wrong with a change; undefined if nothing is. Sizes of values and totals are judged when it is applied.
 * Only `set` takes an empty list: it is the same as clearing.
 */
export function problemOfChange(change: AttributeChange): AttributeProblem | undefined {
  switch (change.kind) {
    case 'clear':
      return undefined
    case 'delete':
      return problemOfKeys(change.keys)
    case 'set':
    case 'update': {
      const isEmpty = change.kind === 'update' && change.attributes.length === 0
      return isEmpty || !change.attributes.every(isWellFormed) ? 'invalid-attributes' : undefined
    }
  }
}

/** The same for the keys of a read or a deletion. */
export function problemOfKeys(keys: readonly string[]): AttributeProblem | undefined {
  return keys.length === 0 || !keys.every(isAttributeKey) ? 'invalid-keys' : undefined
}

/**
 * The attributes after a well-formed change. Of several attributes with one key the last one counts. Half of a
 * surrogate pair in a value becomes U+FFFD at once, as it would on its way to others.
 */
export function applyChange(
  current: ReadonlyMap<string, string>,
  change: AttributeChange,
  maxTotalBytes: number,
): ReadonlyMap<string, string> | 'size-overflow' {
  const isReplaced = change.kind === 'set' || change.kind === 'clear'
  const next = new Map(isReplaced ? [] : current)
  if (change.kind === 'delete') for (const key of change.keys) next.delete(key)
  if (change.kind === 'set' || change.kind === 'update')
    for (const { key, value } of change.attributes) next.set(key, value.replace(/\p{Cs}/gu, '\ufffd'))
  // Whoever is over the limits, as several writers at once may be, can always delete.
  if (change.kind === 'delete' || areWithinLimits(next, maxTotalBytes)) return next
  return 'size-overflow'
}

/** The same for those of a channel. */
export function applyChannelChange(current: ReadonlyMap<string, string>, change: AttributeChange) {
  return applyChange(current, change, MAX_CHANNEL_ATTRIBUTES_BYTES)
}

function isWellFormed({ key, value }: Attribute): boolean {
  return isAttributeKey(key) && value !== ''
}
