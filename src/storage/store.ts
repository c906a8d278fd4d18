import type { Bytes } from '../base/bytes.ts'

/**
 * What one user of one app keeps on this machine: bytes under keys. No operation ever rejects: what cannot be kept
 * on the disk is kept for the life of the page. Keys begin with the name of what they belong to, such as `outbox/`.
 */
export interface Store {
  get(key: string): Promise<Bytes | undefined>
  /** Everything whose key begins so, in the order of the keys. */
  list(prefix: string): Promise<readonly (readonly [key: string, value: Bytes])[]>
  /** Resolves when all of it is kept, or none of it can be on the disk. */
  set(...entries: readonly (readonly [key: string, value: Bytes])[]): Promise<void>
  delete(...keys: readonly string[]): Promise<void>
}
