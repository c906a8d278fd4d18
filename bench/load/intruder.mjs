import { frameOf, LoadSocket } from './web-socket.mjs'

/** @import { LoadClient } from './dialects/dialect.mjs' */

/** Of so many connections one logs in and goes on for a while; the others are ended for the first that they say. */
const WITH_LOGIN = 4
/** What is said after a login that the server has to look at, and does not end the connection for: half of it to all. */
const AFTER_LOGIN = 135
/** They do not all begin at once, nor keep step: what comes in heaps would measure these. */
const BEGIN_WITHIN_MS = 1_000
/** Whoever is not let in tries again after this; as many as 50 make then 200 attempts a second. */
const TURNED_AWAY_MS = 250
/** A connection that was not ended for its last input is given up. */
const ANSWERED_WITHIN_MS = 200

const login = { type: 'login', version: 1, features: 0, appId: 'a'.repeat(32), userId: 'mallory' }
const nobody = '0'.repeat(32)
const frameOfJson = (/** @type {unknown} */ value) => frameOf(JSON.stringify(value))

/** Each ends a connection, before a login and after it. */
const fatal = [
  frameOf('nonsense'),
  frameOf('['.repeat(2_000)),
  frameOf('{"type":"shutdown"}'),
  frameOf('{"type":"join","channelId":["arena"],"incarnation":1}'),
  frameOfJson({ type: 'find', request: 1, userIds: Array(300).fill('a') }),
  // No points of the curve.
  frameOfJson({
    ...login,
    fingerprint: 'A'.repeat(43),
    signingKey: 'B'.repeat(87),
    agreementKey: 'B'.repeat(87),
    signature: 'C'.repeat(86),
  }),
  // The head of a message of 65,537 bytes, one of no kind that there is, and a whole one that is not UTF-8.
  Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 0]),
  Buffer.from([0xf1, 0x80, 0, 0, 0, 0]),
  Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0xff, 0xfe]),
]

/** Whoever has logged in may say these, at a time at which they make no sense. */
const outOfOrder = [
  frameOf('{"type":"leave","channelId":"arena","incarnation":7}'),
  frameOf('{"type":"endVisit","channelId":"arena"}'),
  frameOf('{"type":"unsubscribe","userIds":["alice"]}'),
  frameOfJson({ type: 'signal', to: nobody, signal: 'x'.repeat(700) }),
  frameOf('{"type":"pong"}'),
  frameOf('{"type":"renewToken","request":1,"token":"none"}'),
]

/** A hostile client: one socket after the other. */
export class Intruder {
  sent = 0
  connections = 0
  turnedAway = 0
  #turn
  /** @type {LoadSocket | undefined} */
  #socket
  /** What the next input is, while one may be sent. @type {Iterator<Buffer> | undefined} */
  #inputs
  #waitsUntil = performance.now() + Math.random() * BEGIN_WITHIN_MS

  /**
   * @param {number} port
   * @param {LoadClient} client
   * @param {number} turn where in the order of all misdeeds it begins
   * @param {() => string} addressOf from where the next connection comes
   */
  constructor(port, client, turn, addressOf) {
    this.port = port
    this.client = client
    this.#turn = turn
    this.addressOf = addressOf
  }

  /** Sends one input, or connects. False if it has to wait. */
  act() {
    if (!this.#socket) {
      if (performance.now() < this.#waitsUntil) return false
      this.#connect()
      return true
    }
    const next = this.#inputs?.next()
    if (!next || next.done) return false
    this.sent += 1
    this.#socket.write(next.value)
    return true
  }

  leave() {
    this.#socket?.destroy()
    this.#waitsUntil = Number.POSITIVE_INFINITY
  }

  #connect() {
    const turn = this.#turn++
    this.connections += 1
    let hasOpened = false
    const socket = new LoadSocket(
      this.port,
      '/rtm',
      {
        open: () => (hasOpened = true),
        message: (payload) => this.#hear(socket, turn, payload),
        closed: () => {
          this.#socket = undefined
          this.#inputs = undefined
          if (hasOpened) return
          this.turnedAway += 1
          this.#waitsUntil = performance.now() + TURNED_AWAY_MS
        },
      },
      `X-Forwarded-For: ${this.addressOf()}\r\n`,
    )
    this.#socket = socket
  }

  /** @param {LoadSocket} socket @param {number} turn @param {Buffer} payload */
  #hear(socket, turn, payload) {
    // Of what the server says only its greeting and its welcome matter.
    if (payload.length > 2_000 || !/^\{"type":"(hello|loggedIn)"/.test(payload.toString('latin1', 0, 20)))
      return
    const { say, isIn = false } = this.client.hear(payload.toString())
    if (isIn) this.#inputs = this.#inOrder(turn, Math.ceil((AFTER_LOGIN * (1 + Math.random())) / 2), socket)
    if (say === undefined) return
    if (turn % WITH_LOGIN === 0) socket.write(frameOf(say))
    else if (turn % WITH_LOGIN === 1) this.#inputs = this.#one(forged(say), socket)
    else this.#inputs = this.#inOrder(turn, 0, socket)
  }

  /** @param {number} turn @param {number} count @param {LoadSocket} socket */
  *#inOrder(turn, count, socket) {
    for (let i = 0; i < count; i++) yield outOfOrder[(turn + i) % outOfOrder.length] ?? Buffer.alloc(0)
    yield* this.#one(fatal[turn % fatal.length] ?? Buffer.alloc(0), socket)
  }

  /** @param {Buffer} input @param {LoadSocket} socket */
  *#one(input, socket) {
    setTimeout(() => socket.destroy(), ANSWERED_WITHIN_MS)
    yield input
  }
}

/** Two points of the curve, and a signature that is not theirs: nobody knows before it was checked. @param {string} text */
function forged(text) {
  const login = /** @type {{ signature: string }} */ (JSON.parse(text))
  const { signature } = login
  return frameOfJson({ ...login, signature: `${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}` })
}
