import { type Outcome, simulate } from './simulate.ts'

/** A failure with fewer operations. */
export interface Shrunk {
  readonly steps: number
  /** The only steps that are taken. */
  readonly kept: readonly number[]
  readonly outcome: Outcome
}

/** Runs that are spent on one failure. */
const MAX_RUNS = 30

/** Leaves out what a failure does not need: first all that came after it, then one part after the other, ever smaller. */
export async function shrink(seed: number, { failedAt, failure }: Outcome): Promise<Shrunk> {
  let runs = 0
  const attempt = async (kept: readonly number[]): Promise<Outcome | undefined> => {
    runs += 1
    const keeps = new Set(kept)
    const outcome = await simulate({ seed, steps: failedAt, isLeftOut: (step) => !keeps.has(step) })
    return outcome.failure !== undefined && kindOf(outcome.failure) === kindOf(failure) ? outcome : undefined
  }
  let kept: readonly number[] = Array.from({ length: failedAt }, (_, step) => step)
  let best = await attempt(kept)
  for (let size = failedAt >> 1; size >= 1 && runs < MAX_RUNS; size >>= 1) {
    for (let at = 0; at < kept.length && runs < MAX_RUNS;) {
      const fewer = [...kept.slice(0, at), ...kept.slice(at + size)]
      const outcome = await attempt(fewer)
      if (!outcome) at += size
      else [kept, best] = [fewer, outcome]
    }
  }
  return { steps: failedAt, kept, outcome: best ?? (await simulate({ seed, steps: failedAt })) }
}

/** Another failure is no smaller form of this one. */
function kindOf(failure: string | undefined): string {
  return (failure ?? '').replaceAll(
    /[a-z]+#\d+|\d+|\[.*\]|\b(alice|bob|carol|dave|erin|red|green|blue)\b/g,
    '',
  )
}
