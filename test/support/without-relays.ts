import type { Linker, MeshLinker } from '../../src/mesh/linker.ts'

/** A linker of one kind for a mesh in which nobody passes anything on. */
export function withoutRelays(linker: Linker): MeshLinker {
  const nothing = (): void => undefined
  return Object.assign(linker, { relayed: nothing, nearer: nothing, farther: nothing })
}
