import { inflateSync } from 'node:zlib'

import {
  hmac,
  isSameSignature,
  MAX_TOKEN_LIFE_S,
  type SignedToken,
  type TokenSubject,
} from './signed-token.ts'
import { fromStrictBase64, readToken, type TokenReader } from './token-reader.ts'

const VERSION = '007'
/** A token of all services there are is far smaller; one that inflates to more is none, and costs no more memory. */
const MAX_CONTENT_BYTES = 64 * 1024

const RTM = 2
/** The privilege to log in to RTM; its value is for how long, in seconds after the issue. */
const LOGIN = 1

/**
 * AccessToken2, version 007; undefined unless it is one for this app and user, signed with the app's certificate.
 *
 *     "007" base64( zlib( signature, signed ) )
 *     signed:    appId, issued u32, expire u32, salt u32, services: count u16, each with its type u16 and privileges map
 *     signature: HMAC-SHA256(HMAC-SHA256(salt, HMAC-SHA256(issued, certificate)), signed)
 */
export function readToken007(
  token: string,
  { appId, certificate, userId }: TokenSubject,
): SignedToken | undefined {
  const packed = token.startsWith(VERSION) ? fromStrictBase64(token.slice(VERSION.length)) : undefined
  const content = packed && inflate(packed)
  return (
    content &&
    readToken(content, (reader) => {
      const signature = reader.bytes()
      const signed = reader.rest()
      return readToken(signed, (body) => {
        const app = body.bytes()
        const [issuedAt, expire, salt] = [body.u32(), body.u32(), body.u32()]
        const key = hmac(u32(salt), hmac(u32(issuedAt), Buffer.from(certificate)))
        if (!isSameSignature(signature, hmac(key, signed)) || !app.equals(Buffer.from(appId)))
          return undefined
        const logins = readLogins(body)
        const own = logins?.filter((one) => one.userId.equals(Buffer.from(userId)))
        // Of others only: another thing than of nobody.
        if (!logins || !own || (logins.length > 0 && own.length === 0)) return undefined
        const loginLifeS = own.find(({ lifeS }) => lifeS !== undefined)?.lifeS
        const lifeS = Math.min(expire, loginLifeS ?? 0, MAX_TOKEN_LIFE_S)
        return { version: 7, mayLogIn: loginLifeS !== undefined, issuedAt, expiresAt: issuedAt + lifeS }
      })
    })
  )
}

interface RtmLogin {
  readonly userId: Buffer
  /** Undefined without the privilege. */
  readonly lifeS: number | undefined
}

/** The RTM services of a token; undefined if what is behind the last one is nothing that a builder writes. */
function readLogins(body: TokenReader): readonly RtmLogin[] | undefined {
  const logins: RtmLogin[] = []
  for (let left = body.u16(); left > 0; left--) {
    const type = body.u16()
    const privileges = body.map()
    if (type === RTM) {
      logins.push({ userId: body.bytes(), lifeS: privileges.get(LOGIN) })
      continue
    }
    const skip = otherServices[type]
    // Nobody knows how long it is. Services are sorted by type: the one that counts has been read.
    if (!skip) return logins
    skip(body)
  }
  return body.isAtEnd ? logins : undefined
}

/** How to pass over what else a token may be for, by its type. */
const otherServices: Readonly<Record<number, (body: TokenReader) => void>> = {
  /** RTC: channel, user. */
  1: skipTwoTexts,
  /** Streaming: channel, account. */
  3: skipTwoTexts,
  /** FPA: nothing of its own. */
  4: () => undefined,
  /** Chat: user. */
  5: (body) => void body.bytes(),
  /** FCDN: channel, account. */
  6: skipTwoTexts,
  /** aPaaS: room, user, role. */
  7: (body) => {
    skipTwoTexts(body)
    body.u16()
  },
  /** RTM 2: user, and for each kind of resource its permissions, each with the names that it is about. */
  8: (body) => {
    body.bytes()
    for (let kinds = body.u16(); kinds > 0; kinds--) {
      body.u16()
      for (let permissions = body.u16(); permissions > 0; permissions--) {
        body.u16()
        for (let names = body.u16(); names > 0; names--) body.bytes()
      }
    }
  },
}

function skipTwoTexts(body: TokenReader): void {
  body.bytes()
  body.bytes()
}

/** Undefined for what is no zlib stream, has anything behind it, or is too large. */
function inflate(packed: Buffer): Buffer | undefined {
  try {
    const { buffer, engine } = inflateWithEngine(packed)
    return engine.bytesWritten === packed.byteLength ? buffer : undefined
  } catch {
    // Node's only way of saying any of it.
    return undefined
  }
}

/** Its type declarations do not know what `info` adds to the answer. */
function inflateWithEngine(packed: Buffer): { buffer: Buffer; engine: { bytesWritten: number } } {
  const answer: unknown = inflateSync(packed, { maxOutputLength: MAX_CONTENT_BYTES, info: true })
  return answer as ReturnType<typeof inflateWithEngine>
}

function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return bytes
}
