import type { Bytes } from '../base/bytes.ts'

/** A key and what is kept under it. */
export type StoreEntry = readonly [key: string, value: Bytes]

/**
 * What one user of one app keeps on this machine: bytes under keys. No operation ever rejects: what cannot be kept
 * on the disk is kept for the life of the page. Operations take effect in the order of their calls; values are copied
 * at the call, and what comes out belongs to the caller.
 * Keys are ASCII and begin with the name of what they belong to, such as `outbox/`.
 */
export interface Store {
  get(key: string): Promise<Bytes | undefined>
  /** Everything whose key begins so, in the order of the keys. */
  list(prefix: string): Promise<readonly StoreEntry[]>
  /** Resolves when all of it is kept, or none of it can be on the disk. */
  set(...entries: readonly StoreEntry[]): Promise<void>
  /**
   * As `set`, and `run` runs, once, in the moment in which the disk is told to keep it: however this page ends, both
   * have happened or neither. If `run` says false, or throws, which a log line tells, nothing is set.
   */
  setTogether(run: () => boolean, ...entries: readonly StoreEntry[]): Promise<void>
  delete(...keys: readonly string[]): Promise<void>
}
