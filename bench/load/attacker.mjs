import { setPriority } from 'node:os'

import { pause } from './signals.mjs'
import { frameOf, LoadSocket } from './web-socket.mjs'

/** @typedef {{ inputs: number, perSecond: number }} Attack */

// A process of hostile clients: `node attacker.mjs PORT SOCKETS`. Told of an attack, it sends so many inputs, malformed,
// oversized and out of order, over so many sockets at a time, each of which comes back as soon as it is ended; and
// answers with how many it has sent, over how many connections.

/** As where several attack from one place. */
const ADDRESSES = 10
/** What the network is given at once: the server has the second before it has refused the first. */
const BATCH = 20
/** A socket that was not ended for one input ends itself. */
const ANSWERED_WITHIN_MS = 200
const TICK_MS = 5

// Attackers have machines of their own: here it must not be the processor that they take from the honest ones.
setPriority(15)

const [port, sockets] = process.argv.slice(2).map(Number)

const login = { type: 'login', version: 1, features: 0, appId: 'a'.repeat(32), userId: 'mallory' }
const keys = { fingerprint: 'A'.repeat(43), signingKey: 'B'.repeat(87), agreementKey: 'B'.repeat(87) }
/** @type {readonly Buffer[]} */
const inputs = [
  frameOf('nonsense'),
  frameOf('['.repeat(2_000)),
  frameOf('{"type":"shutdown"}'),
  frameOf('{"type":"leave","channelId":"arena","incarnation":7}'),
  frameOf(JSON.stringify({ type: 'signal', to: '0'.repeat(32), signal: 'x'.repeat(2_000) })),
  frameOf(JSON.stringify({ ...login, ...keys, signature: 'C'.repeat(86) })),
  // The head of a message of 65,537 bytes, and one of no kind that there is.
  Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0]),
  Buffer.from([0xf1, 0x80, 0, 0, 0, 0]),
]

process.on('message', (/** @type {Attack} */ attack) => {
  void attackWith(attack).then((result) => process.send?.(result))
})
process.on('disconnect', () => process.exit())
process.send?.('ready')

/** @param {Attack} attack */
async function attackWith({ inputs: quota, perSecond }) {
  const began = performance.now()
  let sent = 0
  let connections = 0
  const attackAs = async (/** @type {number} */ i) => {
    for (let turn = i; sent < quota; turn++) {
      while (sent > ((performance.now() - began) / 1_000) * perSecond) await pause(TICK_MS)
      connections += 1
      const more = await misbehave(`198.51.100.${i % ADDRESSES}`, turn)
      sent += more
    }
  }
  await Promise.all(Array.from({ length: sockets ?? 0 }, (_, i) => attackAs(i)))
  return { sent, connections }
}

/** One connection. Returns how many inputs it has sent. @param {string} address @param {number} turn @returns {Promise<number>} */
function misbehave(address, turn) {
  return new Promise((resolve) => {
    let sent = 0
    const headers = `X-Forwarded-For: ${address}\r\n`
    const events = {
      open: () => {
        const input = inputs[turn % inputs.length] ?? Buffer.alloc(0)
        socket.write(Buffer.concat(Array.from({ length: BATCH }, () => input)))
        sent = BATCH
      },
      message: () => {},
      closed: () => {
        clearTimeout(late)
        resolve(sent)
      },
    }
    const socket = new LoadSocket(port ?? 0, '/rtm', events, headers)
    const late = setTimeout(() => socket.destroy(), ANSWERED_WITHIN_MS)
  })
}
