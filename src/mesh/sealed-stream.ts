import { writeVarString, writeVarUint } from 'lib0/encoding'

import type { Bytes } from '../base/bytes.ts'
import { type AesGcm, GCM_NONCE_BYTES } from '../base/crypto.ts'
import type { SessionId } from '../base/ids.ts'
import { encodeBytes } from '../protocol/codec.ts'
import { SIGNING_DOMAIN } from '../protocol/version.ts'
import type { RelayEnd, RelayOptions } from './relay-options.ts'

/** Which relayed link of which pair. */
interface Part {
  readonly self: SessionId
  readonly other: SessionId
  readonly epoch: number
}

/**
 * Packets between the two ends of one relayed link, which nobody between them can read, change, repeat, leave out or
 * put in another order. Each direction has a key of its own, and each link others, as both ends have put random bytes
 * into them: so the number of a packet is a nonce that is never used twice.
 */
export class SealedStream {
  private sentCount = 0
  private openedCount = 0

  private constructor(
    private readonly keys: { readonly own: AesGcm; readonly others: AesGcm },
    private readonly part: Part,
  ) {}

  /** `salt`: the random bytes of the offer, then those of the answer. Undefined if the other's key is none. */
  static async create(
    { sessionId: self, appId, crypto, agree }: RelayOptions,
    { peer, agreementKey }: RelayEnd,
    epoch: number,
    salt: Bytes,
  ): Promise<SealedStream | undefined> {
    const part = { self, other: peer.sessionId, epoch }
    const secret = await agree(agreementKey).catch(noKey)
    if (!secret) return undefined
    const key = async (from: SessionId, to: SessionId): Promise<AesGcm> => {
      const info = encodeBytes((encoder) => {
        for (const text of [SIGNING_DOMAIN, 'relay', appId, from, to]) writeVarString(encoder, text)
        writeVarUint(encoder, epoch)
      })
      return crypto.aesGcm(await crypto.hkdfSha256(secret, salt, info))
    }
    const [own, others] = await Promise.all([key(part.self, part.other), key(part.other, part.self)])
    return new SealedStream({ own, others }, part)
  }

  /** Packets are numbered in the order of the calls; some may be ready before others. */
  async seal(packet: Bytes): Promise<{ number: number; sealed: Bytes }> {
    const number = this.sentCount++
    const { self, other } = this.part
    return {
      number,
      sealed: await this.keys.own.seal(nonce(number), packet, this.associated(self, other, number)),
    }
  }

  /** One packet beside the stream, under a nonce that none of its packets has: once. */
  sealFarewell(packet: Bytes): Promise<Bytes> {
    const { self, other } = this.part
    return this.keys.own.seal(FAREWELL_NONCE, packet, this.associated(self, other, 'farewell'))
  }

  /** Undefined if it is not what the other end has sealed so. */
  openFarewell(sealed: Uint8Array): Promise<Bytes | undefined> {
    const { self, other } = this.part
    return this.keys.others.open(
      FAREWELL_NONCE,
      new Uint8Array(sealed),
      this.associated(other, self, 'farewell'),
    )
  }

  /** Whether this is the number of the packet that comes next. It counts as come then. */
  isNext(number: number): boolean {
    if (number !== this.openedCount) return false
    this.openedCount += 1
    return true
  }

  /** Undefined if it is not what the other end has sealed under this number. */
  open(number: number, sealed: Uint8Array): Promise<Bytes | undefined> {
    const { self, other } = this.part
    return this.keys.others.open(nonce(number), new Uint8Array(sealed), this.associated(other, self, number))
  }

  private associated(from: SessionId, to: SessionId, place: number | 'farewell'): Bytes {
    return encodeBytes((encoder) => {
      writeVarString(encoder, from)
      writeVarString(encoder, to)
      writeVarUint(encoder, this.part.epoch)
      if (place === 'farewell') writeVarString(encoder, place)
      else writeVarUint(encoder, place)
    })
  }
}

/** Those of numbers begin with four zeros. */
const FAREWELL_NONCE: Bytes = new Uint8Array(GCM_NONCE_BYTES).fill(255)

function nonce(number: number): Bytes {
  const bytes = new Uint8Array(GCM_NONCE_BYTES)
  new DataView(bytes.buffer).setBigUint64(GCM_NONCE_BYTES - 8, BigInt(number))
  return bytes
}

/** The one failure of an agreement: the other's key is no point of the curve. */
function noKey(): undefined {
  return undefined
}
