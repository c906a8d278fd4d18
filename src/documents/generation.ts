import type { Generation, Holding } from '../protocol/document-messages.ts'

/** A holding with something in it. */
export type Held = Holding & { readonly generation: Generation }

export function isHeld(holding: Holding): holding is Held {
  return holding.generation !== undefined
}

/**
 * Which of two generations goes on when their holders meet; the other's holders go over to it. Both sides come to the
 * same answer, and those that are alive stand in one order, whatever hostile makers wrote into them.
 *
 * A successor goes on instead of what it replaced. One that several have goes on instead of one that only comes from
 * somebody's disk or was just begun. Of two that are alive the later goes on, as it may be the successor of
 * a successor; of two that nobody else has, the older, which has more to lose.
 */
export function goesOn(a: Held, b: Held): boolean {
  if (isSuccessor(a.generation, b.generation)) return true
  if (isSuccessor(b.generation, a.generation)) return false
  if (a.isLive !== b.isLive) return a.isLive
  return a.isLive === isYounger(a.generation, b.generation)
}

/** Made of all that was in the other, and later: what claims anything else is none. */
function isSuccessor(of: Generation, other: Generation): boolean {
  return of.parent === other.id && isYounger(of, other)
}

function isYounger(a: Generation, b: Generation): boolean {
  return a.createdAt !== b.createdAt ? a.createdAt > b.createdAt : a.id > b.id
}
