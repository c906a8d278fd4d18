import { setTimeout } from 'node:timers/promises'

/**
 * Real time: as long as a test says that something lasts, such as a server that is away. Only where processes, browsers
 * or Redis are tested, whose clocks nobody can move. All else moves the clock, or waits for what happens.
 */
export function lasting(ms: number): Promise<void> {
  return setTimeout(ms)
}
