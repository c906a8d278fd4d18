/** First wait after a failure. Half of it is random, so that clients of a restarted server do not return as one. */
const FIRST_DELAY_MS = 500
/** Longest wait: everybody is back within 10 s of the server's return. */
const LONGEST_DELAY_MS = 5_000
/** A server that restarts in order asks its clients to spread their return over this time. */
export const RESTART_SPREAD_MS = 2_000

/** How long to wait before the next try, after `failures` tries in a row that failed. */
export function backOffMs(failures: number, random: () => number): number {
  const full = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.min(failures, 10))
  return full / 2 + (random() * full) / 2
}
