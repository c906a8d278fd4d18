import { decodePacket } from '../../src/protocol/frames.ts'

// What the pages of both faces need.

/** A login loads this file; `prepare` waits for it, as both pages are to be loaded at "go". */
export async function loginFileHasCome(): Promise<void> {
  const hasCome = (): boolean =>
    performance.getEntriesByType('resource').some(({ name }) => name.includes('login-file'))
  while (!hasCome()) await new Promise(requestAnimationFrame)
}

/** Of what a link carries: messages, and acknowledgements of them. A beat is neither. */
export function framesIn(packet: Uint8Array): { data: number; acknowledgements: number } {
  const types = (decodePacket(packet) ?? []).map(({ type }) => type)
  return {
    data: types.filter((type) => type === 'item').length,
    acknowledgements: types.filter((type) => type === 'ack').length,
  }
}

/** What a page asks the server to pass on, as opposed to logins, joins and answers to pings. */
export function isSignal(frame: string): boolean {
  return frame.startsWith('{"type":"signal"')
}
