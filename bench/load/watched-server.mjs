import { once } from 'node:events'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import { startServer } from '../servers/start-server.mjs'

/** @import { Profiler } from 'node:inspector' */
/** @import { RunningServer, ServerName } from '../servers/start-server.mjs' */
/** @import { Question, Sample } from './probe.mjs' */

const probe = pathToFileURL(join(import.meta.dirname, 'probe.mjs')).href

/** A server that is loaded as much as it can be answers between two messages; a profile takes a second to write. */
const ANSWER_WITHIN_MS = 30_000

/** A server whose processor time and memory can be asked for. @param {ServerName} name */
export async function watchServer(name) {
  return new WatchedServer(await startServer(name, { execArgv: ['--expose-gc', '--import', probe] }))
}

export class WatchedServer {
  /** @param {RunningServer} server */
  constructor(server) {
    this.server = server
  }

  get port() {
    return this.server.port
  }

  /** @returns {Promise<Sample>} */
  async sample() {
    return /** @type {Promise<Sample>} */ (this.#ask('sample'))
  }

  /** After all garbage was collected. @returns {Promise<Sample>} */
  async collected() {
    return /** @type {Promise<Sample>} */ (this.#ask('collect'))
  }

  async startProfile() {
    await this.#ask('profile')
  }

  /** @returns {Promise<Profiler.Profile>} */
  async stopProfile() {
    return /** @type {Promise<Profiler.Profile>} */ (this.#ask('stop-profile'))
  }

  stop() {
    return this.server.stop()
  }

  /** @param {Question} question @returns {Promise<unknown>} */
  async #ask(question) {
    const { process } = this.server
    const answered = once(process, 'message', { signal: AbortSignal.timeout(ANSWER_WITHIN_MS) })
    process.send(question)
    try {
      const [answer] = /** @type {[unknown]} */ (await answered)
      return answer
    } catch (cause) {
      throw new Error(`The server did not answer "${question}"`, { cause })
    }
  }
}
