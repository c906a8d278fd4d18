/** Undoes what it was returned by; calling it twice is allowed. */
export type Cancel = () => void

/** Time, handed in so that tests can move it. */
export interface Clock {
  /** Wall clock in milliseconds since 1970. */
  now(): number
  /** Calls `run` once after `delayMs`, unless cancelled. */
  after(delayMs: number, run: () => void): Cancel
}

/** The clocks of a machine that is awake differ by less, as they are corrected little by little. */
const SLEPT_MS = 1_000

/**
 * Steady: it was right when the page began, and never goes back. The steady clock of browsers stands still while the
 * machine sleeps (Chromium on macOS and Linux), and a page that lags behind the others takes what they write for
 * written in the future: so when the machine's clock is ahead, this one goes forward to it. It cannot tell a sleep from
 * a clock that somebody sets forward: it follows that too, and stays ahead if that is set back, until the page is loaded
 * anew. Only a clock that is set back changes nothing.
 */
export class SystemClock implements Clock {
  /** When the page began, and how long the machine slept since. */
  private originMs = performance.timeOrigin

  now(): number {
    const steady = this.originMs + performance.now()
    const lagMs = Date.now() - steady
    if (lagMs <= SLEPT_MS) return Math.round(steady)
    this.originMs += lagMs
    return Math.round(steady + lagMs)
  }

  after(delayMs: number, run: () => void): Cancel {
    const timer = setTimeout(run, delayMs)
    return () => clearTimeout(timer)
  }
}

export const systemClock: Clock = new SystemClock()

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
