import { ownTag } from './own-tag.ts'
import type { Part } from './part.ts'
import { Parts } from './parts.ts'
import { scriptsBeside } from './script-loader.ts'

/** Runs the entry, which is a chunk of the first part. */
export function begin(first: Part, entry: string): void {
  new Parts(first, scriptsBeside(ownTag())).require(entry)
}
