import { createDecoder, type Decoder, readVarUint as readVarUintUnchecked } from 'lib0/decoding'
import { createEncoder, encode, type Encoder, toUint8Array } from 'lib0/encoding'

import type { Bytes } from '../base/bytes.ts'

/**
 * lib0's compact binary format with every read checked against the end of the input:
 * lib0 itself reads on into the rest of a shared buffer.
 */
export class Reader {
  private readonly decoder: Decoder
  private readonly length: number

  constructor(bytes: Uint8Array) {
    this.decoder = createDecoder(bytes)
    this.length = bytes.byteLength
  }

  get isAtEnd(): boolean {
    return this.decoder.pos >= this.length
  }

  byte(): number {
    return this.bytes(1)[0] ?? 0
  }

  varUint(): number {
    const value = readVarUintUnchecked(this.decoder)
    if (this.decoder.pos > this.length || !Number.isSafeInteger(value)) throw new MalformedError()
    return value
  }

  /** A view of the input, not a copy. */
  bytes(count: number): Uint8Array {
    const start = this.decoder.pos
    if (count > this.length - start) throw new MalformedError()
    this.decoder.pos = start + count
    return this.decoder.arr.subarray(start, start + count)
  }

  varBytes(): Uint8Array {
    return this.bytes(this.varUint())
  }

  varText(): string {
    return strictUtf8.decode(this.varBytes())
  }

  /** A view of everything that has not been read. */
  rest(): Uint8Array {
    return this.bytes(this.length - this.decoder.pos)
  }
}

class MalformedError extends Error {
  override readonly name = 'MalformedError'
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** What `read` makes of the bytes, or undefined if they are not what it expects. Never throws. */
export function decode<T>(bytes: Uint8Array, read: (reader: Reader) => T | undefined): T | undefined {
  try {
    return read(new Reader(bytes))
  } catch {
    // Readers throw only for malformed input, which is this function's other answer.
    return undefined
  }
}

/** A packet fits, so that next to nothing needs more. */
const SHARED_BYTES = 64 * 1024
const shared = createEncoder()
shared.cbuf = new Uint8Array(SHARED_BYTES)
let isSharedInUse = false

/** All is written into one buffer and copied from there: messages are many, and most are short. */
export function encodeBytes(write: (encoder: Encoder) => void): Bytes {
  // lib0 allocates with `new Uint8Array(length)`; its declarations are older than typed buffers.
  if (isSharedInUse) return encode(write) as Bytes
  isSharedInUse = true
  const buffer = shared.cbuf as Bytes
  try {
    write(shared)
    if (shared.cbuf === buffer) return buffer.slice(0, shared.cpos)
    return toUint8Array(shared) as Bytes
  } finally {
    shared.cbuf = buffer
    shared.cpos = 0
    shared.bufs = []
    isSharedInUse = false
  }
}
