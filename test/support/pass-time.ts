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
  await settle()
  for (let next = clock.next; next !== undefined && next <= end; next = clock.next) {
    clock.advance(Math.max(0, next - clock.now()))
    await settle()
  }
  clock.advance(end - clock.now())
  await settle()
}
