import { setPriority } from 'node:os'

import { Intruder } from './intruder.mjs'
import { rtmMesh } from './dialects/rtm-mesh.mjs'
import { pause } from './signals.mjs'

/** @typedef {{ inputs: number, perSecond: number, isScattered: boolean }} Attack `isScattered`: each connection from another address */
/** @typedef {{ sent: number, connections: number, turnedAway: number }} Attacked */

// A process of hostile clients: `node attacker.mjs PORT SOCKETS`. Told of an attack, it sends inputs over so many sockets
// at a time, one after the other and each in its turn, and answers with what it has done. To connect counts as an input.

/** As where several attack from one place. */
const ADDRESSES = 10
/** Few inputs each time, so that they do not come in heaps that no network would deliver as such. */
const TICK_MS = 1
/** What could not be sent in time, as the server or this process was busy, is left out but for so many. */
const MOST_BEHIND = 8

// Attackers have machines of their own: here it must not be the processor that they take from the honest ones.
setPriority(19)

const [port = 0, sockets = 0] = process.argv.slice(2).map(Number)
const clients = await rtmMesh(sockets, 99_999)
let scattered = 0

process.on('message', (/** @type {Attack} */ attack) => {
  void attackWith(attack).then((result) => process.send?.(result))
})
process.on('disconnect', () => process.exit())
process.send?.('ready')

/** @param {Attack} attack @returns {Promise<Attacked>} */
async function attackWith({ inputs, perSecond, isScattered }) {
  const intruders = clients.map((client, i) => {
    const addressOf = () =>
      isScattered ? `198.18.${(++scattered >> 8) & 0xff}.${scattered & 0xff}` : placeOf(i)
    return new Intruder(port, client, i, addressOf)
  })
  const began = performance.now()
  const until = began + (inputs / perSecond) * 1_000
  let done = 0
  for (let turn = 0; performance.now() < until;) {
    const due = ((performance.now() - began) / 1_000) * perSecond
    done = Math.max(done, due - MOST_BEHIND)
    for (let busy = 0; done < due && busy < intruders.length; turn++) {
      if (intruders[turn % intruders.length]?.act()) {
        done += 1
        busy = 0
      } else busy += 1
    }
    await pause(TICK_MS)
  }
  intruders.forEach((intruder) => intruder.leave())
  const sum = (/** @type {(intruder: Intruder) => number} */ of) =>
    intruders.reduce((total, intruder) => total + of(intruder), 0)
  return {
    sent: sum(({ sent }) => sent),
    connections: sum(({ connections }) => connections),
    turnedAway: sum(({ turnedAway }) => turnedAway),
  }
}

/** @param {number} i */
function placeOf(i) {
  return `198.51.100.${i % ADDRESSES}`
}
