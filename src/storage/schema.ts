import type { Store } from './store.ts'

/**
 * Brings what version n has left into the form of version n + 1. It may be run again over what it has done already,
 * as a page may go away in the middle of it.
 */
export type Migration = (store: Store) => Promise<void>

/** From version 1 to 2, from 2 to 3, and so on: a new version of what is kept is one more at the end. */
export const migrations: readonly Migration[] = []

/** Its value is the version, in one byte. */
const SCHEMA_KEY = 'schema'
const FIRST_VERSION = 1

/** Makes a store what this version of the library expects; throws if a newer one has written it. */
export async function prepare(store: Store, steps: readonly Migration[]): Promise<void> {
  const ours = FIRST_VERSION + steps.length
  const written = (await store.get(SCHEMA_KEY))?.[0]
  if (written === undefined) return store.set([SCHEMA_KEY, Uint8Array.of(ours)])
  if (written > ours) {
    throw new Error(
      `A newer version of this library has written it (schema ${written}, this one knows ${ours})`,
    )
  }
  for (const [i, migrate] of steps.entries()) {
    const version = FIRST_VERSION + i
    if (version < written) continue
    await migrate(store)
    await store.set([SCHEMA_KEY, Uint8Array.of(version + 1)])
  }
}
