import { closeCodes } from '../src/protocol/server-messages.ts'

/** How a client is told that something is not taken: by HTTP before it is a WebSocket, by a close frame after that. */
interface Refusal {
  readonly code: number
  /** 123 bytes at most, as it has to fit into a close frame. */
  readonly sentence: string
}

/**
 * Everything for which a connection is not taken or is ended, by the name that it has in metrics. What is refused inside
 * of a session (a login, a join, a token) has its own answer in the protocol.
 */
export const refusals = {
  'wrong-path': { code: 404, sentence: 'The signaling server is not at this path.' },
  'bad-handshake': { code: 400, sentence: 'This is no handshake of a WebSocket.' },
  origin: { code: 403, sentence: 'Pages of this origin may not use this signaling server.' },
  'address-rate': { code: 429, sentence: 'Too many connections from this address: try again in a minute.' },
  'connection-rate': { code: 503, sentence: 'Too many connections at once: try again in a moment.' },
  'shutting-down': { code: 503, sentence: 'The server restarts: come back in a moment.' },
  'server-full': {
    code: closeCodes.overload,
    sentence: 'This server is full: try again later, or another server',
  },
  'address-full': {
    code: closeCodes.overload,
    sentence: 'Too many connections from this address are open: try again later',
  },
  'login-timeout': { code: closeCodes.loginTimeout, sentence: 'No login came in time' },
  'too-large': { code: closeCodes.tooLarge, sentence: 'This message is larger than this server takes' },
  'too-many-pieces': {
    code: closeCodes.flood,
    sentence: 'This message came in more pieces than this server takes',
  },
  'broken-frame': { code: closeCodes.protocolError, sentence: 'This is no frame of a WebSocket' },
  'not-utf8': { code: closeCodes.malformed, sentence: 'This text is not UTF-8' },
  binary: { code: closeCodes.malformed, sentence: 'Messages are JSON text, this one is binary' },
  malformed: { code: closeCodes.malformed, sentence: 'This is not a message of this protocol' },
  'not-a-login': { code: closeCodes.malformed, sentence: 'The first message must be a login' },
  'second-login': { code: closeCodes.malformed, sentence: 'This connection is logged in already' },
  impatient: {
    code: closeCodes.malformed,
    sentence: 'Too many messages came before the answer to the login',
  },
  flood: { code: closeCodes.flood, sentence: 'This client sends more messages a second than are taken' },
  'address-flood': {
    code: closeCodes.flood,
    sentence: 'The clients of this address send more messages a second than are taken',
  },
  'slow-reader': { code: closeCodes.overload, sentence: 'This client reads more slowly than it is sent to' },
  'server-failed': {
    code: closeCodes.internalError,
    sentence: 'The server failed at a message of this client',
  },
} as const satisfies Record<string, Refusal>

export type RefusalReason = keyof typeof refusals
export const refusalReasons = Object.keys(refusals) as RefusalReason[]

/** What no honest client does, however bad its network is. */
export const misdeeds: ReadonlySet<RefusalReason> = new Set<RefusalReason>([
  'bad-handshake',
  'too-large',
  'too-many-pieces',
  'broken-frame',
  'not-utf8',
  'binary',
  'malformed',
  'not-a-login',
  'second-login',
  'impatient',
  'flood',
])

/** What ws says of a frame that it does not take. */
export function refusalOfFrame(error: Error): RefusalReason | undefined {
  const code = 'code' in error ? String(error.code) : ''
  if (!code.startsWith('WS_ERR_')) return undefined
  if (code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') return 'too-large'
  if (code === 'WS_ERR_TOO_MANY_BUFFERED_PARTS') return 'too-many-pieces'
  return code === 'WS_ERR_INVALID_UTF8' ? 'not-utf8' : 'broken-frame'
}

/** ws ends what it does not take with a code alone. */
export function sentenceForCode(code: number): string | undefined {
  switch (code) {
    case closeCodes.tooLarge:
      return refusals['too-large'].sentence
    case closeCodes.flood:
      return refusals['too-many-pieces'].sentence
    case closeCodes.malformed:
      return refusals['not-utf8'].sentence
    case closeCodes.protocolError:
      return refusals['broken-frame'].sentence
    default:
      return undefined
  }
}
