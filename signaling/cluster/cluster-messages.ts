import * as v from 'valibot'

import { MAX_NOTICE_TEXT } from '../../src/protocol/notice.ts'
import { departures, MAX_SIGNAL_CHARS } from '../../src/protocol/server-messages.ts'
import {
  count,
  listUpTo,
  parseJson,
  sessionId,
  textUpTo,
  userId,
} from '../../src/protocol/signaling-parts.ts'
import type { Decision } from '../colleagues.ts'
import type { NodeId } from '../session.ts'
import { appId, recordShape } from './session-record.ts'

/** Sessions told of in one piece of news. */
export const MAX_CHANGED_SESSIONS = 256
/** So many, all with the longest records; usually 500 characters each. */
const MAX_NEWS_CHARS = 16 * 1024 * 1024
/** A signal in which every character is escaped, and who sends it. */
const MAX_LETTER_CHARS = 6 * MAX_SIGNAL_CHARS + 1_000
const MAX_DECISION_CHARS = MAX_NOTICE_TEXT + 1_000

const nodeId = v.custom<NodeId>(isNodeId)
const peer = v.object({ userId, sessionId, loginTime: count })

const decision = v.variant('kind', [
  v.object({ kind: v.literal('kick'), sessionId, notice: textUpTo(MAX_NOTICE_TEXT), at: count }),
  v.object({ kind: v.literal('ban'), appId, userId, notice: v.optional(textUpTo(MAX_NOTICE_TEXT)) }),
])

/** What a node says to all. */
const news = v.variant('type', [
  /** Every 2 s; its last change has this number. */
  v.object({ type: v.literal('alive'), node: nodeId, number: count }),
  v.object({
    type: v.literal('change'),
    node: nodeId,
    /** One more than that of the one before. */
    number: count,
    sessions: listUpTo(recordShape, MAX_CHANGED_SESSIONS),
    ended: listUpTo(
      v.object({
        sessionId,
        why: v.picklist(departures),
        notice: v.optional(textUpTo(MAX_NOTICE_TEXT)),
      }),
      MAX_CHANGED_SESSIONS,
    ),
  }),
  /** It stops in order; its sessions come back elsewhere. */
  v.object({ type: v.literal('stop'), node: nodeId }),
  v.object({ type: v.literal('decision'), node: nodeId, decision }),
])
export type News = v.InferOutput<typeof news>

/** What a node says to one other. */
const letter = v.variant('type', [
  v.object({
    type: v.literal('signal'),
    node: nodeId,
    appId,
    from: peer,
    to: sessionId,
    signal: textUpTo(MAX_SIGNAL_CHARS),
  }),
  /** The signal of session `from` to session `to` could not be delivered. */
  v.object({ type: v.literal('undeliverable'), node: nodeId, from: sessionId, to: sessionId }),
])
export type Letter = v.InferOutput<typeof letter>

/** Others write here too: undefined for what is too long, no JSON, or not of this shape. */
export function decodeNews(text: string): News | undefined {
  return text.length > MAX_NEWS_CHARS ? undefined : parseJson(news, text)
}

export function decodeLetter(text: string): Letter | undefined {
  return text.length > MAX_LETTER_CHARS ? undefined : parseJson(letter, text)
}

export function decodeDecision(text: string): Decision | undefined {
  return text.length > MAX_DECISION_CHARS ? undefined : parseJson(decision, text)
}

export function isNodeId(value: unknown): value is NodeId {
  return typeof value === 'string' && /^[0-9a-f]{32}$/.test(value)
}
