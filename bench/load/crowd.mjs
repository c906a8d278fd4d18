import { frameOf, LoadSocket } from './web-socket.mjs'

/** @import { LoadClient } from './dialects/dialect.mjs' */

/** Connections that are being made at one time: enough to keep a server busy, and below what it may queue. */
const AT_ONCE = 64

/** A login that takes longer has failed. */
const LOGIN_WITHIN_MS = 30_000

/** A client with a socket. */
export class Member {
  isIn = false
  onSignal = () => {}
  /** @type {(() => void) | undefined} */
  onLost
  /** @type {LoadSocket | undefined} */
  #socket
  /** @type {NodeJS.Timeout | undefined} */
  #keepAlive

  /** @param {LoadClient} client */
  constructor(client) {
    this.client = client
  }

  /** Connects and logs in. @param {number} port @returns {Promise<void>} */
  enter(port) {
    const { client } = this
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error('A login took too long')), LOGIN_WITHIN_MS)
      const socket = new LoadSocket(port, client.path, {
        open: () => client.opening.forEach((text) => socket.write(frameOf(text))),
        message: (payload) => {
          if (this.isIn && client.isSignal(payload.length)) return this.onSignal()
          const { say, isIn = false } = client.hear(payload.toString())
          if (say !== undefined) socket.write(frameOf(say))
          if (!isIn || this.isIn) return
          this.isIn = true
          clearTimeout(late)
          this.#stayAlive()
          resolve()
        },
        closed: () => {
          const wasIn = this.isIn
          this.isIn = false
          clearTimeout(late)
          clearInterval(this.#keepAlive)
          reject(new Error('The server ended a connection before it was logged in'))
          if (wasIn) this.onLost?.()
        },
      })
      this.#socket = socket
    })
  }

  /** @param {Buffer} frame */
  write(frame) {
    this.#socket?.write(frame)
  }

  leave() {
    this.onLost = undefined
    this.client.goodbye.forEach((text) => this.#socket?.write(frameOf(text)))
    this.#socket?.close()
  }

  destroy() {
    this.onLost = undefined
    this.#socket?.destroy()
  }

  #stayAlive() {
    const { keepAlive } = this.client
    if (!keepAlive) return
    const frame = frameOf(keepAlive.text)
    this.#keepAlive = setInterval(() => this.#socket?.write(frame), keepAlive.everyMs)
    this.#keepAlive.unref()
  }
}

/**
 * Logs all of them in, some at one time. Fails if one of them cannot, or is lost later.
 *
 * @param {number} port
 * @param {readonly LoadClient[]} clients
 */
export async function enterAll(port, clients) {
  const members = clients.map((client) => new Member(client))
  const waiting = members.values()
  const enterSome = async () => {
    for (const member of waiting) {
      await member.enter(port)
      member.onLost = () => {
        throw new Error('The server ended a connection')
      }
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, enterSome))
  return members
}
