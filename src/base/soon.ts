/** Calls `run` later. */
export type Soon = (run: () => void) => void

let waiting: (() => void)[] = []
let port: MessagePort | undefined

/**
 * Calls `run` after the events that wait for this page already, in a task of its own. Timers take milliseconds for that,
 * and a second in a hidden page.
 */
export function afterWaitingEvents(run: () => void): void {
  waiting.push(run)
  if (waiting.length > 1) return
  port ??= openPort()
  port.postMessage(undefined)
}

function openPort(): MessagePort {
  const { port1, port2 } = new MessageChannel()
  port1.onmessage = () => {
    const due = waiting
    waiting = []
    for (const run of due) run()
  }
  return port2
}
