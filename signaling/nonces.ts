import { randomFillSync } from 'node:crypto'

import type { Bytes } from '../src/base/bytes.ts'

const NONCE_BYTES = 32
/** To ask for 32 bytes takes as long as to ask for a few thousand. */
const AT_ONCE = 128

const stock = Buffer.alloc(NONCE_BYTES * AT_ONCE)
let left = 0

/** 32 random bytes that nobody was given before. */
export function nextNonce(): Bytes {
  if (left === 0) {
    randomFillSync(stock)
    left = AT_ONCE
  }
  left -= 1
  return new Uint8Array(stock.subarray(left * NONCE_BYTES, (left + 1) * NONCE_BYTES))
}
