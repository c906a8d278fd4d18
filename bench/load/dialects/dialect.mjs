/**
 * One client of a signaling server, as its library's own client talks to it; without a socket, so that it can be tried.
 *
 * @typedef {object} LoadClient
 * @property {string} path where its WebSocket connects
 * @property {string} address what its partner calls it
 * @property {readonly string[]} opening what it says as soon as it is connected
 * @property {(text: string) => Heard} hear until it is logged in all that comes, and then what is no signal
 * @property {(length: number) => boolean} isSignal whether what comes is a signal of its partner, by its length in bytes
 * @property {(partner: string) => string} signal the text of a signal to its partner, `SIGNAL_BYTES` long or one more
 * @property {{ readonly everyMs: number, readonly text: string } | undefined} keepAlive what it says unasked
 * @property {readonly string[]} goodbye what it says before it closes its socket
 */

/** @typedef {{ readonly say?: string, readonly isIn?: boolean }} Heard what it answers, and whether that was the login */

/** @typedef {(count: number, wave?: number) => Promise<LoadClient[]>} Dialect waves have other users than each other */

/** A signal on its way to the server: about what an offer without candidates, or all candidates of a page, come to. */
export const SIGNAL_BYTES = 700

/** Nothing else that comes after a login is that long. */
export const MIN_SIGNAL_BYTES = 600

/** As browsers write it, but shorter, so that it can be filled up. */
export const SDP =
  'v=0\r\no=- 4611731400430051336 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n' +
  'm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\na=ice-ufrag:zF2n\r\n' +
  'a=ice-pwd:4gZ0cXo0bVxX2c9wD1rJb0aQ\r\na=setup:actpass\r\na=mid:0\r\na=sctp-port:5000\r\n'

/**
 * Makes a text exactly that long.
 *
 * @param {number} bytes
 * @param {(filling: string) => string} write puts the filling where it costs what it is long
 */
export function filled(bytes, write) {
  const missing = bytes - Buffer.byteLength(write(''))
  if (missing < 0) throw new Error(`${bytes} bytes are ${-missing} too few`)
  return write('x'.repeat(missing))
}
