import { filled, MIN_SIGNAL_BYTES, SDP, SIGNAL_BYTES } from './dialect.mjs'

/** @import { Dialect } from './dialect.mjs' */

/** PeerJS's own; its server ends clients that were silent for 90 s. */
const HEARTBEAT_MS = 5_000

/** A page with an id of its own choice. @type {Dialect} */
export const peerjs = (count, wave = 0) =>
  Promise.resolve(
    Array.from({ length: count }, (_, index) => {
      const id = `user-${wave}-${index}`
      return {
        path: `/peerjs?key=peerjs&id=${id}&token=${id}-token&version=1.5.5`,
        address: id,
        opening: [],
        hear(text) {
          const { type } = /** @type {{ type: string }} */ (JSON.parse(text))
          return { isIn: type === 'OPEN' }
        },
        isSignal: (length) => length >= MIN_SIGNAL_BYTES,
        signal: (partner) =>
          filled(SIGNAL_BYTES + (index % 2), (filling) => {
            const connection = { type: 'data', connectionId: 'dc_1234567890', label: 'dc_1234567890' }
            const sdp = { type: 'offer', sdp: SDP + filling }
            const payload = { sdp, ...connection, reliable: true, serialization: 'raw' }
            return JSON.stringify({ type: 'OFFER', payload, dst: partner })
          }),
        keepAlive: { everyMs: HEARTBEAT_MS, text: '{"type":"HEARTBEAT"}' },
        goodbye: [],
      }
    }),
  )
