import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** @import { Figures } from '../load/measure.mjs' */
/** @import { Workload } from './workload.mjs' */

/** The servers that are compared; the Web face has the kit's, and Trystero's relay is one of ours. */
const MEASURED = ['rtm-mesh', 'peerjs', 'y-webrtc']

/** Memory of few sessions is mostly that of the server itself: it is left out of the short mode. */
const SESSIONS = { quick: 200, full: 2_000 }
const SECONDS = { quick: 0.4, full: 5 }

/** Ten times what the full one takes. */
const PATIENCE_MS = 240_000

const run = promisify(execFile)

/** The same generator as `npm run load`, in a process of its own. @type {Workload} */
export const workload = {
  letter: 'k',
  title: 'signaling server: signals of 700 bytes between pairs',
  unit: '/s',
  better: 'more',
  isOnce: true,
  patienceMs: PATIENCE_MS,
  further: {
    cpuUsPerSignal: "server's CPU per signal, µs",
    p50: 'a signal among 2,000 a second, p50, ms',
    p99: 'the same, p99, ms',
    loginsPerSecond: 'logins, /s',
    cpuMsPerLogin: "server's CPU per login, ms",
    rssKb: 'resident memory per session, KB',
    heapKb: 'of it in use, KB',
  },
  async measure({ contender: { name }, isQuick }) {
    if (!MEASURED.includes(name)) return undefined
    const size = isQuick ? 'quick' : 'full'
    const { stdout } = await run(
      process.execPath,
      [
        join(import.meta.dirname, '../load/main.mjs'),
        '--json',
        ...(isQuick ? ['--brief'] : []),
        ...['--servers', name],
        ...['--sessions', String(SESSIONS[size])],
        ...['--pairs', String(Math.min(250, SESSIONS[size] / 2))],
        ...['--seconds', String(SECONDS[size])],
      ],
      { timeout: PATIENCE_MS },
    )
    const figures = /** @type {Record<string, Figures>} */ (JSON.parse(stdout))[name]
    if (!figures) throw new Error(`The load generator said nothing about ${name}`)
    return {
      value: figures.signalsPerSecond,
      cpuUsPerSignal: figures.cpuUsPerSignal,
      p50: figures.p50Ms,
      p99: figures.p99Ms,
      loginsPerSecond: figures.loginsPerSecond,
      cpuMsPerLogin: figures.cpuMsPerLogin,
      ...(figures.rssKbPerSession !== undefined && { rssKb: figures.rssKbPerSession }),
      ...(figures.heapKbPerSession !== undefined && { heapKb: figures.heapKbPerSession }),
    }
  },
}
