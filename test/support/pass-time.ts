import type { ManualClock } from './manual-clock.ts'

/** Everything that is ready to run has run: promises are settled, no timer has moved. */
export function settle(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

/** Time passes timer by timer; between two of them whatever they caused runs to its end. */
export async function pass(clock: ManualClock, ms: number): Promise<void> {
  const end = clock.now() + ms
  do await settle()
  while (clock.step(end))
  await settle()
}
