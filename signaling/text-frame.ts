const FINAL_TEXT = 0x81
const FINAL_PING = 0x89
/** Lengths beyond are in the 2 bytes that follow, and beyond 65,535 in the 8 bytes. */
const LONGEST_SHORT = 125
const LENGTH_IN_2_BYTES = 126
const LENGTH_IN_8_BYTES = 127

/**
 * A text as a server sends it over a WebSocket (RFC 6455, 5.2): one frame, not masked, in one piece of memory. What
 * many are told is made once, and each socket takes it with one write.
 */
export function textFrame(text: string): Buffer {
  const length = Buffer.byteLength(text)
  if (length <= LONGEST_SHORT) {
    const frame = Buffer.allocUnsafe(2 + length)
    frame[0] = FINAL_TEXT
    frame[1] = length
    frame.write(text, 2)
    return frame
  }
  if (length <= 0xffff) {
    const frame = Buffer.allocUnsafe(4 + length)
    frame[0] = FINAL_TEXT
    frame[1] = LENGTH_IN_2_BYTES
    frame[2] = length >> 8
    frame[3] = length & 0xff
    frame.write(text, 4)
    return frame
  }
  const frame = Buffer.allocUnsafe(10 + length)
  frame[0] = FINAL_TEXT
  frame[1] = LENGTH_IN_8_BYTES
  frame.writeBigUInt64BE(BigInt(length), 2)
  frame.write(text, 10)
  return frame
}

/** A ping of WebSockets without content, which the browser answers by itself, whatever its page does. */
export const PING_FRAME: Buffer = Buffer.from([FINAL_PING, 0])
