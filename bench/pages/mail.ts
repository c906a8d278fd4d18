/**
 * What the measures say to each other, in bytes that every library carries.
 *
 *     hello = kind
 *     ping, echo = kind, batch, number
 *     data, post = kind, batch, number, how many there are in the batch, filling, and the number's last byte once more
 */
export interface Mail {
  readonly kind: number
  readonly batch: number
  readonly number: number
  readonly total: number
}

export const HELLO = 1
export const PING = 2
export const ECHO = 3
/** To one page. */
export const DATA = 4
/** To all in the room. */
export const POST = 5

const HEAD_BYTES = 13

export function write(mail: Mail, size: number): Uint8Array {
  const bytes = new Uint8Array(Math.max(size, HEAD_BYTES + 1))
  const view = new DataView(bytes.buffer)
  view.setUint8(0, mail.kind)
  view.setUint32(1, mail.batch)
  view.setUint32(5, mail.number)
  view.setUint32(9, mail.total)
  bytes[bytes.byteLength - 1] = mail.number & 255
  return bytes
}

export function read(bytes: Uint8Array): Mail {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const number = view.getUint32(5)
  if (bytes[bytes.byteLength - 1] !== (number & 255)) throw new Error(`Message ${number} has another end`)
  return { kind: view.getUint8(0), batch: view.getUint32(1), number, total: view.getUint32(9) }
}
