import { crc32 } from 'node:zlib'

import {
  hmac,
  isSameSignature,
  MAX_TOKEN_LIFE_S,
  type SignedToken,
  type TokenSubject,
} from './signed-token.ts'
import { fromStrictBase64, readToken } from './token-reader.ts'

const VERSION = '006'
/** The privilege to log in to RTM. Its value, a time, has no effect: every such token is good until its `ts`. */
const RTM_LOGIN = 1000
/** RTM tokens have the user's id where others have a channel, and no user. */
const NO_UID_CRC = 0

/**
 * AccessToken, version 006; undefined unless it is one for this app and user, signed with the app's certificate.
 *
 *     "006" appId base64( signature, crc32 of the user's id, crc32 of "", message )
 *     message:  salt u32, ts u32: the end, privileges map
 *     signature: HMAC-SHA256(certificate, appId ‖ user id ‖ message)
 */
export function readToken006(
  token: string,
  { appId, certificate, userId }: TokenSubject,
): SignedToken | undefined {
  const prefix = VERSION + appId
  const content = token.startsWith(prefix) ? fromStrictBase64(token.slice(prefix.length)) : undefined
  const parts =
    content &&
    readToken(content, (reader) => {
      const [signature, userCrc, uidCrc, message] = [
        reader.bytes(),
        reader.u32(),
        reader.u32(),
        reader.bytes(),
      ]
      return reader.isAtEnd ? { signature, userCrc, uidCrc, message } : undefined
    })
  if (!parts) return undefined
  const { signature, userCrc, uidCrc, message } = parts
  const signed = Buffer.concat([Buffer.from(appId + userId), message])
  if (!isSameSignature(signature, hmac(certificate, signed))) return undefined
  if (userCrc !== crc32(userId) || uidCrc !== NO_UID_CRC) return undefined

  return readToken(message, (reader) => {
    // The salt.
    reader.u32()
    const expiresAt = reader.u32()
    const mayLogIn = reader.map().has(RTM_LOGIN)
    if (!reader.isAtEnd) return undefined
    return { version: 6, mayLogIn, issuedAt: expiresAt - MAX_TOKEN_LIFE_S, expiresAt }
  })
}
