/** Undoes what it was returned by; calling it twice is allowed. */
export type Cancel = () => void

/** Time, handed in so that tests can move it. */
export interface Clock {
  /** Wall clock in milliseconds since 1970. */
  now(): number
  /** Calls `run` once after `delayMs`, unless cancelled. */
  after(delayMs: number, run: () => void): Cancel
}

/** Steady: it was right when the page began, and no change of the machine's clock makes it jump since. */
export const systemClock: Clock = {
  now: () => Math.round(performance.timeOrigin + performance.now()),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs)
    return () => clearTimeout(timer)
  },
}

/** Calls `run` every `periodMs` until cancelled. The next call is planned before `run`, which may cancel it. */
export function every(clock: Clock, periodMs: number, run: () => void): Cancel {
  let cancel = clock.after(periodMs, tick)
  let stopped = false
  function tick(): void {
    if (stopped) return
    cancel = clock.after(periodMs, tick)
    run()
  }
  return () => {
    stopped = true
    cancel()
  }
}
