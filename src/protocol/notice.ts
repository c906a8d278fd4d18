import { writeUint8Array, writeVarString, writeVarUint, writeVarUint8Array } from 'lib0/encoding'

import { type Bytes, concatBytes, fromBase64Url, toBase64Url } from '../base/bytes.ts'
import { SIGNATURE_BYTES } from '../base/crypto.ts'
import { type AppId, isAppId, isSessionId, isUserId, type SessionId, type UserId } from '../base/ids.ts'
import { decode, encodeBytes, type Reader } from './codec.ts'
import { KEY_ID_BYTES } from './credential.ts'
import { PROTOCOL_VERSION, SIGNING_DOMAIN } from './version.ts'

/**
 * A signaling server's word that a session is out (`kick`), or a user with every session that logged in until then
 * (`ban`). Peers honour it without the server for as long as a credential of theirs could be good.
 */
export type Notice = NoticeOf<'kick', { readonly sessionId: SessionId }> | NoticeOf<'ban', object>

type NoticeOf<Kind, Subject> = Subject & {
  readonly kind: Kind
  readonly appId: AppId
  readonly userId: UserId
  /** Server time in milliseconds; never before the login of a session that it is about. */
  readonly issuedAt: number
  readonly expiresAt: number
  /** First 8 bytes of the SHA-256 of the server's public key. */
  readonly keyId: Bytes
}

/** Longer texts are refused before they are decoded: the parts have fixed sizes but for two ids. */
export const MAX_NOTICE_TEXT = 800

const KICK = 1
const BAN = 2

/** The part of a notice that the server signs. */
export function encodeNotice(notice: Notice): Bytes {
  return encodeBytes((encoder) => {
    writeVarUint(encoder, PROTOCOL_VERSION)
    writeVarString(encoder, notice.appId)
    writeVarString(encoder, notice.userId)
    if (notice.kind === 'kick') {
      writeVarUint(encoder, KICK)
      writeVarString(encoder, notice.sessionId)
    } else writeVarUint(encoder, BAN)
    writeVarUint(encoder, notice.issuedAt)
    writeVarUint(encoder, notice.expiresAt)
    writeUint8Array(encoder, notice.keyId)
  })
}

/** What the server's key signs for a notice. */
export function noticeSigningInput(body: Bytes): Bytes {
  return encodeBytes((encoder) => {
    writeVarString(encoder, SIGNING_DOMAIN)
    writeVarString(encoder, 'notice')
    writeVarUint8Array(encoder, body)
  })
}

/** The notice as it travels: base64url of body and signature. */
export function sealNotice(body: Bytes, signature: Bytes): string {
  return toBase64Url(concatBytes(body, signature))
}

export interface SealedNotice {
  readonly notice: Notice
  readonly body: Bytes
  readonly signature: Bytes
}

/** Takes a sealed notice apart; whether the signature is good is the caller's question. */
export function openNotice(text: string): SealedNotice | undefined {
  if (text.length > MAX_NOTICE_TEXT) return undefined
  const bytes = fromBase64Url(text)
  if (!bytes || bytes.byteLength <= SIGNATURE_BYTES) return undefined
  const body = bytes.slice(0, -SIGNATURE_BYTES)
  const notice = decode(body, readNotice)
  return notice && { notice, body, signature: bytes.slice(-SIGNATURE_BYTES) }
}

function readNotice(reader: Reader): Notice | undefined {
  if (reader.varUint() !== PROTOCOL_VERSION) return undefined
  const appId = reader.varText()
  const userId = reader.varText()
  const kind = reader.varUint()
  const sessionId = kind === KICK ? reader.varText() : undefined
  const [issuedAt, expiresAt] = [reader.varUint(), reader.varUint()]
  const keyId = new Uint8Array(reader.bytes(KEY_ID_BYTES))
  if (!reader.isAtEnd || !isAppId(appId) || !isUserId(userId)) return undefined
  const common = { appId, userId, issuedAt, expiresAt, keyId }
  if (kind === BAN) return { kind: 'ban', ...common }
  return isSessionId(sessionId) ? { kind: 'kick', sessionId, ...common } : undefined
}
