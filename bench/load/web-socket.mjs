import { connect } from 'node:net'

/** @import { Socket } from 'node:net' */

/** What a client's frame is masked with. Zeros are a mask like any other, so that a frame can be made once and sent often. */
const MASK = Buffer.alloc(4)
const LONG = 126
const VERY_LONG = 127

const TEXT = 1
const CLOSE = 8
const PING = 9
const PONG = 10

/** A masked frame with this text, to be written as often as one likes. @param {string} text */
export function frameOf(text) {
  return makeFrame(TEXT, Buffer.from(text))
}

/** @param {number} opcode @param {Buffer} payload of less than 64 KB */
function makeFrame(opcode, payload) {
  const isShort = payload.length < LONG
  const length = isShort ? [0x80 | payload.length] : [0x80 | LONG, payload.length >> 8, payload.length & 0xff]
  return Buffer.concat([Buffer.from([0x80 | opcode, ...length]), MASK, payload])
}

/**
 * A WebSocket client that costs much less than what it loads: frames are made beforehand, and of what comes in only the
 * lengths are looked at unless somebody wants the text. It knows what `ws` sends without extensions, and nothing else.
 */
export class LoadSocket {
  isOpen = false
  /** @type {Buffer} */
  #unread = Buffer.alloc(0)
  /** @type {Socket} */
  #socket

  /**
   * @param {number} port on this machine
   * @param {string} path
   * @param {{ open(): void, message(payload: Buffer): void, closed(): void }} events `closed` once, also after an error
   * @param {string} headers beyond those of the handshake, each with its end of line
   */
  constructor(port, path, events, headers = '') {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.#socket = socket
    socket.write(
      `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${headers}\r\n`,
    )
    socket.on('data', (/** @type {Buffer} */ data) => this.#read(data, events))
    // An error is followed by `close`, which says it all.
    socket.on('error', () => socket.destroy())
    socket.on('close', () => {
      this.isOpen = false
      events.closed()
    })
  }

  /** @param {Buffer} frame */
  write(frame) {
    this.#socket.write(frame)
  }

  /** Says goodbye as WebSockets do; the server ends the connection. */
  close() {
    this.#socket.write(makeFrame(CLOSE, Buffer.from([0x03, 0xe8])))
  }

  destroy() {
    this.#socket.destroy()
  }

  /** @param {Buffer} data @param {{ open(): void, message(payload: Buffer): void }} events */
  #read(data, events) {
    let bytes = this.#unread.length === 0 ? data : Buffer.concat([this.#unread, data])
    if (!this.isOpen) {
      const end = bytes.indexOf('\r\n\r\n')
      if (end < 0) {
        this.#unread = bytes
        return
      }
      if (!bytes.subarray(0, 12).equals(Buffer.from('HTTP/1.1 101'))) {
        this.#socket.destroy()
        return
      }
      bytes = bytes.subarray(end + 4)
      this.isOpen = true
      events.open()
    }
    let at = 0
    for (;;) {
      const frame = frameAt(bytes, at)
      if (!frame) break
      at = frame.end
      const payload = bytes.subarray(frame.start, frame.end)
      if (frame.opcode === TEXT) events.message(payload)
      else if (frame.opcode === PING) this.write(makeFrame(PONG, payload))
      else if (frame.opcode === CLOSE) this.#socket.end(makeFrame(CLOSE, payload))
    }
    this.#unread = bytes.subarray(at)
  }
}

/**
 * The frame that begins there; undefined if it has not come entirely.
 *
 * @param {Buffer} bytes
 * @param {number} at
 */
export function frameAt(bytes, at) {
  if (bytes.length < at + 2) return undefined
  const opcode = bytes.readUInt8(at) & 0x0f
  const short = bytes.readUInt8(at + 1) & 0x7f
  const start = at + 2 + (short === LONG ? 2 : short === VERY_LONG ? 8 : 0)
  if (bytes.length < start) return undefined
  const length =
    short === LONG
      ? bytes.readUInt16BE(at + 2)
      : short === VERY_LONG
        ? Number(bytes.readBigUInt64BE(at + 2))
        : short
  const end = start + length
  return bytes.length < end ? undefined : { opcode, start, end }
}
