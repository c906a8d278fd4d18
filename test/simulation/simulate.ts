import { Dice } from './dice.ts'
import { Ending } from './ending.ts'
import { Faults } from './faults.ts'
import { operate } from './operations.ts'
import { World } from './world.ts'

export interface SimulationOptions {
  readonly seed: number
  /** Operations and faults. */
  readonly steps: number
  /** Which of them are left out, to find those that matter; time passes as with them. */
  readonly isLeftOut?: (step: number) => boolean
}

export interface Outcome {
  /** Of everything that happened: the same for the same options. */
  readonly hash: string
  /** What went wrong first; undefined if nothing did. */
  readonly failure: string | undefined
  /** The step after which it was seen; `steps` for the end. */
  readonly failedAt: number
  readonly tail: (count: number) => readonly string[]
  /** Counts of what was done, for people. */
  readonly summary: string
}

/** Users who do anything, on machines and networks to which anything happens, all by the dice of one seed. */
export async function simulate({ seed, steps, isLeftOut }: SimulationOptions): Promise<Outcome> {
  const world = new World(seed)
  const faults = new Faults(world)
  let step = 0
  for (; step < steps && world.failure === undefined; step++) {
    // Each step has dice of its own, so that it is the same when others are left out.
    const dice = new Dice(seed, step)
    const ms = timeUntilNext(dice)
    faults.heal()
    if (isLeftOut?.(step) !== true) {
      if (dice.percent(12)) faults.begin(dice)
      else operate(world, dice)
    }
    await world.pass(ms)
  }
  if (world.failure === undefined) {
    faults.heal(true)
    await new Ending(world, new Dice(seed, -3)).run()
  }
  const { failure, trace } = world
  const { hash } = trace
  for (const page of [...world.pages]) page.crash()
  return {
    hash,
    failure,
    failedAt: step,
    tail: (count) => trace.tail(count),
    summary: world.summary,
  }
}

function timeUntilNext(dice: Dice): number {
  if (dice.percent(94)) return dice.below(300)
  return dice.percent(94) ? dice.between(300, 6_000) : dice.between(20_000, 40_000)
}
