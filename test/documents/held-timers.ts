/**
 * Timers of 0 ms do not run, as in a page that was hidden long ago, where they may come once a minute: documents may
 * not wait for them. The streams of simple-peer, which y-webrtc brings along, begin to flow with such a timer.
 *
 * To be imported before anything that imports y-webrtc.
 */
const realTimeout = globalThis.setTimeout

globalThis.setTimeout = Object.assign(
  ((run: (...args: unknown[]) => void, delayMs?: number, ...args: unknown[]) =>
    delayMs === 0 ? undefined : realTimeout(run, delayMs, ...args)) as never,
  realTimeout,
)
