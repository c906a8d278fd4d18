import { type Encoder, writeVarString, writeVarUint } from 'lib0/encoding'

import type { Bytes } from '../base/bytes.ts'
import {
  type ChannelId,
  isChannelId,
  isSessionId,
  isUserId,
  type SessionId,
  type UserId,
} from '../base/ids.ts'
import { decode, encodeBytes, type Reader } from './codec.ts'
import { MAX_CREDENTIAL_TEXT } from './credential.ts'
import { MAX_NOTICE_TEXT } from './notice.ts'

/**
 * What linked sessions do for each other as a place to be found: each tells of whom it knows, shows their credentials,
 * and passes signals on to those that it is linked to.
 *
 *     asker                      neighbour                  somebody else
 *       |--------- ask ------------->|
 *       |<-------- answer -----------|   who is there, each with its credential
 *       |--------- signal ---------->|
 *       |                            |------- passed-on ------->|   with the asker's credential
 *       |<------ undeliverable ------|   it is not linked to that session
 */
export type NeighbourMessage =
  /** Who of these users is linked to you, and who is in these channels? */
  | {
      readonly kind: 'ask'
      readonly request: number
      readonly userIds: readonly UserId[]
      readonly channelIds: readonly ChannelId[]
    }
  | { readonly kind: 'answer'; readonly request: number; readonly introductions: readonly Introduction[] }
  | { readonly kind: 'signal'; readonly to: SessionId; readonly signal: string }
  /** `credential` is that of who sent the signal. */
  | { readonly kind: 'passed-on'; readonly credential: string; readonly signal: string }
  | { readonly kind: 'undeliverable'; readonly to: SessionId }
  /** A server's word that a session or a user is out (`notice.ts`). */
  | { readonly kind: 'notice'; readonly notice: string }

/** Somebody whom the neighbour is linked to, or who is the neighbour itself. */
export interface Introduction {
  /** Sealed; who it is stands in there, and nowhere else. */
  readonly credential: string
  /** Those of the channels asked for that it is in, each with the join that brought it there. */
  readonly channels: readonly (readonly [channelId: ChannelId, incarnation: number])[]
}

const ASK = 1
const ANSWER = 2
const SIGNAL = 3
const PASSED_ON = 4
const UNDELIVERABLE = 5
const NOTICE = 6

/** Users and channels in one question. */
export const MAX_ASKED = 256
/** In one answer, which fits into a frame with as many credentials. */
export const MAX_INTRODUCTIONS = 128
/** As at the signaling server. */
export const MAX_SIGNAL_CHARS = 60_000

export function encodeNeighbourMessage(message: NeighbourMessage): Bytes {
  return encodeBytes((encoder) => {
    switch (message.kind) {
      case 'ask':
        writeVarUint(encoder, ASK)
        writeVarUint(encoder, message.request)
        writeList(encoder, message.userIds, (userId) => writeVarString(encoder, userId))
        writeList(encoder, message.channelIds, (channelId) => writeVarString(encoder, channelId))
        break
      case 'answer':
        writeVarUint(encoder, ANSWER)
        writeVarUint(encoder, message.request)
        writeList(encoder, message.introductions, ({ credential, channels }) => {
          writeVarString(encoder, credential)
          writeList(encoder, channels, ([channelId, incarnation]) => {
            writeVarString(encoder, channelId)
            writeVarUint(encoder, incarnation)
          })
        })
        break
      case 'signal':
        writeVarUint(encoder, SIGNAL)
        writeVarString(encoder, message.to)
        writeVarString(encoder, message.signal)
        break
      case 'passed-on':
        writeVarUint(encoder, PASSED_ON)
        writeVarString(encoder, message.credential)
        writeVarString(encoder, message.signal)
        break
      case 'undeliverable':
        writeVarUint(encoder, UNDELIVERABLE)
        writeVarString(encoder, message.to)
        break
      case 'notice':
        writeVarUint(encoder, NOTICE)
        writeVarString(encoder, message.notice)
        break
    }
  })
}

/** Undefined for what is malformed, over the limits, or of a kind that this version does not know. */
export function decodeNeighbourMessage(bytes: Uint8Array): NeighbourMessage | undefined {
  return decode(bytes, (reader) => {
    switch (reader.varUint()) {
      case ASK: {
        const request = reader.varUint()
        const userIds = readList(reader, MAX_ASKED, () => isOr(isUserId, reader.varText()))
        const channelIds = userIds && readList(reader, MAX_ASKED, () => isOr(isChannelId, reader.varText()))
        return userIds && channelIds && { kind: 'ask', request, userIds, channelIds }
      }
      case ANSWER: {
        const request = reader.varUint()
        const introductions = readList(reader, MAX_INTRODUCTIONS, () => readIntroduction(reader))
        return introductions && { kind: 'answer', request, introductions }
      }
      case SIGNAL: {
        const to = reader.varText()
        const signal = reader.varText()
        if (!isSessionId(to) || signal.length > MAX_SIGNAL_CHARS) return undefined
        return { kind: 'signal', to, signal }
      }
      case PASSED_ON: {
        const credential = reader.varText()
        const signal = reader.varText()
        if (credential.length > MAX_CREDENTIAL_TEXT || signal.length > MAX_SIGNAL_CHARS) return undefined
        return { kind: 'passed-on', credential, signal }
      }
      case UNDELIVERABLE: {
        const to = reader.varText()
        return isSessionId(to) ? { kind: 'undeliverable', to } : undefined
      }
      case NOTICE: {
        const notice = reader.varText()
        return notice.length <= MAX_NOTICE_TEXT ? { kind: 'notice', notice } : undefined
      }
      default:
        return undefined
    }
  })
}

function readIntroduction(reader: Reader): Introduction | undefined {
  const credential = reader.varText()
  const channels = readList(reader, MAX_ASKED, () => {
    const channelId = isOr(isChannelId, reader.varText())
    const incarnation = reader.varUint()
    return channelId === undefined ? undefined : ([channelId, incarnation] as const)
  })
  return channels && credential.length <= MAX_CREDENTIAL_TEXT ? { credential, channels } : undefined
}

function isOr<Id extends string>(isId: (text: unknown) => text is Id, text: string): Id | undefined {
  return isId(text) ? text : undefined
}

function writeList<T>(encoder: Encoder, list: readonly T[], write: (one: T) => void): void {
  writeVarUint(encoder, list.length)
  for (const one of list) write(one)
}

/** Undefined if it is too long, or any part of it is undefined. */
function readList<T>(reader: Reader, maxLength: number, read: () => T | undefined): T[] | undefined {
  const count = reader.varUint()
  if (count > maxLength) return undefined
  const list: T[] = []
  for (let i = 0; i < count; i++) {
    const one = read()
    if (one === undefined) return undefined
    list.push(one)
  }
  return list
}
