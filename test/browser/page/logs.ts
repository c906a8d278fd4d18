import { LogDisk } from '../../../src/storage/log-disk.ts'
import { logStoreContract } from '../../storage/log-contract.ts'

/** Runs over an empty database; what is written stays. */
export async function runCase(title: string): Promise<void> {
  const found = logStoreContract.find((one) => one.title === title)
  if (!found) throw new Error(`The contract has no case "${title}"`)
  await found.run(new LogDisk())
}

export function disk(): LogDisk {
  return new LogDisk()
}

/** How many parts are kept under a name, by kind. */
export async function countKeys(name: string): Promise<Record<string, number>> {
  const database = await answered(indexedDB.open('rtm-mesh-log/1'))
  const keys = await answered(database.transaction('lines').objectStore('lines').getAllKeys())
  database.close()
  const counts: Record<string, number> = {}
  for (const key of keys) {
    if (!Array.isArray(key) || key[1] !== name) continue
    const [kind] = key
    if (typeof kind !== 'string') continue
    counts[kind] = (counts[kind] ?? 0) + 1
  }
  return counts
}

/** What another script of this origin may do. */
export async function writeByHand(key: IDBValidKey, value: unknown): Promise<void> {
  const database = await answered(indexedDB.open('rtm-mesh-log/1'))
  await answered(database.transaction('lines', 'readwrite').objectStore('lines').put(value, key))
  database.close()
}

function answered<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener('success', () => resolve(request.result))
    request.addEventListener('error', () => reject(request.error ?? new Error('The request failed')))
  })
}
