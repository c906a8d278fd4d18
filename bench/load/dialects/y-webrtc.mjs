import { filled, MIN_SIGNAL_BYTES, SDP, SIGNAL_BYTES } from './dialect.mjs'

/** @import { Dialect } from './dialect.mjs' */

/** What lib0's WebSocket client says when nothing has come for half of its timeout. */
const KEEP_ALIVE_MS = 15_000

/**
 * A page that enters a room: it subscribes and announces itself. There is no answer but its own announcement, which
 * the server sends to all who are subscribed. Two are in a room. @type {Dialect}
 */
export const yWebrtc = (count, wave = 0) =>
  Promise.resolve(
    Array.from({ length: count }, (_, index) => {
      const topic = `room-${wave}-${Math.floor(index / 2)}`
      const from = `user-${wave}-${index}`
      const isOdd = index % 2
      return {
        path: '/',
        address: from,
        opening: [
          JSON.stringify({ type: 'subscribe', topics: [topic] }),
          JSON.stringify({ type: 'publish', topic, data: { type: 'announce', from } }),
        ],
        hear(text) {
          const { data } = /** @type {{ data?: { from: string } }} */ (JSON.parse(text))
          return { isIn: data?.from === from }
        },
        // Who publishes gets it too; the server adds 12 characters to either.
        isSignal: (length) => length >= MIN_SIGNAL_BYTES && (length - SIGNAL_BYTES) % 2 !== isOdd,
        signal: (partner) =>
          filled(SIGNAL_BYTES + isOdd, (filling) => {
            const signal = { type: 'offer', sdp: SDP + filling }
            const data = { to: partner, from, type: 'signal', token: 1_700_000_000_000.5, signal }
            return JSON.stringify({ type: 'publish', topic, data })
          }),
        keepAlive: { everyMs: KEEP_ALIVE_MS, text: '{"type":"ping"}' },
        goodbye: [JSON.stringify({ type: 'unsubscribe', topics: [topic] })],
      }
    }),
  )
