import { fork } from 'node:child_process'
import { join } from 'node:path'

/**
 * A signaling server in a process of its own, so that what pages and runner do does not slow it down, and what it needs
 * can be seen.
 *
 * @typedef {object} ServerProcess
 * @property {string} url what the page is told as `server`
 * @property {number} pid
 * @property {() => void} close
 */

/**
 * @param {string} file in `servers/`
 * @returns {Promise<ServerProcess>}
 */
export function startServer(file) {
  const child = fork(join(import.meta.dirname, 'servers', file), {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`bench/servers/${file} ended with code ${code}`)))
    child.once('message', (message) => {
      const { url } = /** @type {{ url: string }} */ (message)
      resolve({ url, pid: child.pid ?? 0, close: () => child.kill() })
    })
  })
}
