import type { Bytes } from '../../../src/base/bytes.ts'
import { systemClock } from '../../../src/base/clock.ts'
import type { AppId, UserId } from '../../../src/base/ids.ts'
import { Disk } from '../../../src/storage/disk.ts'
import { openStore } from '../../../src/storage/open-store.ts'
import { PageStore } from '../../../src/storage/page-store.ts'
import type { Migration } from '../../../src/storage/schema.ts'
import type { Store } from '../../../src/storage/store.ts'
import { storeContract } from '../../storage/contract.ts'

const APP = '0123456789abcdef0123456789abcdef' as AppId
const ALICE = `rtm-mesh/${APP}/alice`

/** What the stores of this page have logged. */
export const log: string[] = []
const clock = systemClock
const note = (_: string, sentence: string, details: object = {}): void => {
  log.push(`${sentence} ${JSON.stringify(details)}`)
}

/** Alice's store: the same one for the life of this page. */
export function open(): Store {
  return openStore(APP, 'alice' as UserId, { clock, log: note })
}

/** Alice's store as a version of the library with these migrations opens it. */
export function openWith(...steps: Migration[]): Store {
  return new PageStore(new Disk(ALICE, clock, note), steps, note)
}

export async function runCase(title: string): Promise<void> {
  const found = storeContract.find((one) => one.title === title)
  if (!found) throw new Error(`The contract has no case "${title}"`)
  const store = open()
  await found.run(store)
  if (log.length > 0) throw new Error(`The disk was not used: ${log.join()}`)
}

export function text(value: string): Bytes {
  return new TextEncoder().encode(value)
}

/** What is under a key, as text. */
export async function read(store: Store, key: string): Promise<string | undefined> {
  const value = await store.get(key)
  return value && new TextDecoder().decode(value)
}

/** Writes past the library into the database of alice, which exists. */
export async function writeByHand(key: string, value: unknown): Promise<void> {
  const database = await answered(indexedDB.open(ALICE))
  const transaction = database.transaction('kept', 'readwrite')
  await answered(transaction.objectStore('kept').put(value, key))
  database.close()
}

/** All keys in the database of this user, which exists. */
export async function keysByHand(userId = 'alice'): Promise<IDBValidKey[]> {
  const database = await answered(indexedDB.open(`rtm-mesh/${APP}/${userId}`))
  const keys = await answered(database.transaction('kept').objectStore('kept').getAllKeys())
  database.close()
  return keys
}

function answered<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result))
    request.addEventListener('error', () => reject(request.error ?? new Error('The request failed')))
  })
}
