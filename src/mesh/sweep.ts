import { type Cancel, type Clock, every } from '../base/clock.ts'

const SWEEP_MS = 250
/** A sweep that comes this late means that this page slept: the others' silence proves nothing. */
const OVERSLEPT_MS = 2_000

/**
 * Calls `sweep` again and again, until cancelled.
 * @deprecated Presence takes `onPulse` and `onOverslept` of the session's one `Wakefulness` instead; then this goes.
 */
export function startSweeping(clock: Clock, sweep: (now: number, overslept: boolean) => void): Cancel {
  let last = clock.now()
  return every(clock, SWEEP_MS, () => {
    const now = clock.now()
    const overslept = now - last > SWEEP_MS + OVERSLEPT_MS
    last = now
    sweep(now, overslept)
  })
}
