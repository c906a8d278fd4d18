import { isSessionId, type SessionId } from '../src/base/ids.ts'
import type { Peer } from '../src/protocol/peer.ts'
import { MAX_SIGNAL_CHARS } from '../src/protocol/server-messages.ts'

/** A signal as it came: its text, and that as JSON. */
export interface SignalText {
  readonly to: SessionId
  readonly signal: string
  readonly json: string
}

const HEAD = '{"type":"signal","to":"'
const MIDDLE = '","signal":"'
const TO_AT = HEAD.length
const MIDDLE_AT = TO_AT + 32
const JSON_AT = MIDDLE_AT + MIDDLE.length - 1
const TAIL = '"}'

/**
 * Most of what a server reads are signals, so they have a short way: as clients write them the text of a signal can be
 * taken out as it is and checked by itself, and goes into the recipient's message without being written anew. Undefined
 * for everything else, which is read like any message.
 */
export function readSignalText(text: string): SignalText | undefined {
  if (!text.startsWith(HEAD) || !text.startsWith(MIDDLE, MIDDLE_AT) || !text.endsWith(TAIL)) return undefined
  const to = text.slice(TO_AT, MIDDLE_AT)
  const json = text.slice(JSON_AT, -1)
  const signal = stringIn(json)
  if (!isSessionId(to) || signal === undefined || signal.length > MAX_SIGNAL_CHARS) return undefined
  return { to, signal, json }
}

/** What the recipient gets. User ids have no character that JSON would escape. */
export function writeSignalText({ userId, sessionId, loginTime }: Peer, json: string): string {
  const from = `{"userId":"${userId}","sessionId":"${sessionId}","loginTime":${loginTime}}`
  return `{"type":"signal","from":${from},"signal":${json}}`
}

/** Of a text that is one string and nothing else, such as two of them. */
function stringIn(json: string): string | undefined {
  try {
    const value: unknown = JSON.parse(json)
    return typeof value === 'string' ? value : undefined
  } catch {
    // Not JSON is one way of not being a string.
    return undefined
  }
}
