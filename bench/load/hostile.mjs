import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

import { startServer } from '../servers/start-server.mjs'
import { enterAll } from './crowd.mjs'
import { rtmMesh } from './dialects/rtm-mesh.mjs'
import { pairsOf, pause, quantile, trickle } from './signals.mjs'

/** @typedef {{ inputs: number, sockets: number, rounds: number }} HostilePlan */
/** @typedef {{ quietMs: number, attackedMs: number, sent: number, connections: number, lost: number }} HostileRound p99 of a relayed signal */

const HONEST_PAGES = 20
/** Of all of them together: 25 of each, as of a page that is being linked to others. */
const SIGNALS_PER_SECOND = 500
const INPUTS_PER_SECOND = 5_000
/** Before an attack nothing of the one before it is left. */
const REST_MS = 1_000

/**
 * How long signals of honest pages take while hostile sockets do all that is refused, beside how long they take in quiet
 * times at the same rate. In turns, as a machine is not the same all the time.
 *
 * @param {HostilePlan} plan
 * @param {(round: HostileRound) => void} print
 */
export async function hostile({ inputs, sockets, rounds }, print) {
  const server = await startServer('rtm-mesh', { args: ['--trusted-proxy', 'loopback'] })
  const attacker = fork(join(import.meta.dirname, 'attacker.mjs'), [String(server.port), String(sockets)])
  try {
    await once(attacker, 'message')
    const members = await enterAll(server.port, await rtmMesh(HONEST_PAGES))
    const pairs = pairsOf(members, HONEST_PAGES / 2)
    const measureMs = (inputs / rounds / INPUTS_PER_SECOND) * 1_000
    const plan = { perSecond: SIGNALS_PER_SECOND, measureMs }
    await trickle(pairs, plan)
    for (let round = 0; round < rounds; round++) {
      const quiet = await trickle(pairs, plan)
      const answered = once(attacker, 'message')
      attacker.send({ inputs: inputs / rounds, perSecond: INPUTS_PER_SECOND })
      const attacked = await trickle(pairs, plan)
      const [{ sent, connections }] = /** @type {[{ sent: number, connections: number }]} */ (await answered)
      print({
        quietMs: quantile(quiet.tookMs, 0.99),
        attackedMs: quantile(attacked.tookMs, 0.99),
        sent,
        connections,
        lost: quiet.lost + attacked.lost,
      })
      await pause(REST_MS)
    }
    members.forEach((member) => member.destroy())
  } finally {
    attacker.disconnect()
    await server.stop()
  }
}
