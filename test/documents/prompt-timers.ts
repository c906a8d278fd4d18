/**
 * The simple-peer that y-webrtc brings along takes a timer of 0 ms for "as soon as this is done", as pages have nothing
 * else that is as old. Here it is done at once, so that a test can wait for all of it; other timers stay as they are.
 *
 * To be imported before anything that imports y-webrtc.
 */
const slowTimeout = globalThis.setTimeout

globalThis.setTimeout = Object.assign(
  ((run: (...args: unknown[]) => void, delayMs?: number, ...args: unknown[]) =>
    delayMs === 0 ? queueMicrotask(() => run(...args)) : slowTimeout(run, delayMs, ...args)) as never,
  slowTimeout,
)
