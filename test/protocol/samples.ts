import { readFileSync } from 'node:fs'

import { type Bytes, fromHex } from '../../src/base/bytes.ts'

/** What was recorded of version 1. A released form is never changed here, only added to. */
function recorded<T>(name: string): readonly T[] {
  return JSON.parse(readFileSync(new URL(`fixtures/v1/${name}.json`, import.meta.url), 'utf8')) as T[]
}

export interface BinarySample {
  readonly what: string
  readonly hex: string
  /** What it says, with bytes as hexadecimal text. */
  readonly says: unknown
}

/** A record under its place in the shared map, and what its author signed. */
export interface RecordSample extends BinarySample {
  readonly place: string
  readonly signs: string
}

export interface TextSample {
  readonly what: string
  readonly text: string
  readonly says: unknown
}

const withBytes = <Sample extends BinarySample>(sample: Sample): Sample & { bytes: Bytes } => {
  const bytes = fromHex(sample.hex)
  if (!bytes) throw new Error(`${sample.what} is not hexadecimal`)
  return { ...sample, bytes }
}

export const packets = recorded<BinarySample>('packets').map(withBytes)
export const items = recorded<BinarySample>('items').map(withBytes)
export const neighbourMessages = recorded<BinarySample>('neighbour-messages').map(withBytes)
export const documentLabels = recorded<BinarySample>('document-labels').map(withBytes)
export const documentMessages = recorded<BinarySample>('document-messages').map(withBytes)
export const invitationMessages = recorded<BinarySample>('invitation-messages').map(withBytes)
export const attributeRecords = recorded<RecordSample>('attribute-records').map(withBytes)
export const relayMessages = recorded<BinarySample>('relay-messages').map(withBytes)
export const relayPayloads = recorded<BinarySample>('relay-payloads').map(withBytes)
export const relayPackets = recorded<BinarySample>('relay-packets').map(withBytes)
export const credentials = recorded<TextSample>('credentials')
export const notices = recorded<TextSample>('notices')
export const signals = recorded<TextSample>('link-signals')
export const tabSignals = recorded<TextSample>('tab-signals')
export const serverMessages = recorded<TextSample>('server-messages')

/** The same value with bytes as hexadecimal text, as JSON can hold it. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (Array.isArray(value)) return value.map(plain)
  if (value instanceof Map) return plain(Object.fromEntries(value))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]))
  }
  return value
}
