import type { IncomingMessage } from 'node:http'
import type { Server } from 'node:net'
import type { Duplex } from 'node:stream'

import { WebSocketServer } from 'ws'

import type { Cancel } from '../src/base/clock.ts'
import { ServedWebSocket } from './connection.ts'
import type { Gate } from './gate.ts'
import { CLOSE_GRACE_MS } from './limits.ts'
import { pathOf } from './plain-http.ts'
import { type RefusalReason, refusals, sentenceForCode } from './refusals.ts'
import { Turnstile } from './turnstile.ts'

export interface DoorwayOptions {
  readonly server: Server
  readonly path: string
  /** Pages of these origins may connect; undefined: all. */
  readonly origins: ReadonlySet<string> | undefined
  /** Whether the http server has no other users, who would answer upgrades of other paths. */
  readonly ownsServer: boolean
  readonly maxMessageBytes: number
}

/** Lets WebSockets in at one path of an http server. Returns how to close it for new ones. */
export function openDoorway(
  options: DoorwayOptions,
  gate: Gate,
  enter: (socket: ServedWebSocket, stream: Duplex, address: string | undefined) => void,
): Cancel {
  const { server, path, origins, ownsServer, maxMessageBytes } = options
  const webSockets = new WebSocketServer<typeof ExplainingWebSocket>({
    ...webSocketOptions,
    maxPayload: maxMessageBytes,
  })
  const turnstile = new Turnstile()
  let isOpen = true

  const refuse = (stream: Duplex, reason: RefusalReason): void => {
    gate.tallies.refuse(reason)
    answerUpgrade(stream, reason)
  }
  const upgrade = (request: IncomingMessage, stream: Duplex, head: Buffer, address?: string): void => {
    if (stream.destroyed) return
    const reason = isOpen ? gate.admit() : 'shutting-down'
    if (reason) return refuse(stream, reason)
    // The answer to the handshake and the greeting leave together.
    stream.cork()
    webSockets.handleUpgrade(request, stream, head, (socket) => enter(socket, stream, address))
    stream.uncork()
  }
  const onUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    // The client may be gone at any time.
    stream.on('error', destroyStream)
    if (pathOf(request) !== path) {
      // Left without an answer, it would wait for ever, and with it all that its browser opens to this server.
      if (ownsServer || server.listenerCount('upgrade') === 1) refuse(stream, 'wrong-path')
      return
    }
    if (origins && !origins.has(request.headers.origin?.toLowerCase() ?? '')) {
      refuse(stream, 'origin')
      return
    }
    const address = gate.addressOf(request)
    if (address === undefined) return turnstile.pass(() => upgrade(request, stream, head))
    void gate.attempt(address).then((mayTry) => {
      if (mayTry) turnstile.pass(() => upgrade(request, stream, head, address))
      else refuse(stream, 'address-rate')
    })
  }

  webSockets.on('wsClientError', (_error, stream) => refuse(stream, 'bad-handshake'))
  server.on('upgrade', onUpgrade)
  return () => {
    isOpen = false
    // Who else is served by a shared server is asked about its upgrades; one of our own goes on to refuse.
    if (!ownsServer) server.off('upgrade', onUpgrade)
    webSockets.close()
  }
}

/** A function in the handler would keep the whole request for as long as the socket is open. */
function destroyStream(this: Duplex): void {
  this.destroy()
}

/** ws ends what it does not take with a code alone; whoever looks for the reason finds a sentence beside it. */
class ExplainingWebSocket extends ServedWebSocket {
  override close(code?: number, sentence?: string | Buffer): void {
    super.close(code, sentence ?? (code === undefined ? undefined : sentenceForCode(code)))
  }
}

/** `closeTimeout` and `maxFragments` are ws options that its type declarations do not have yet. */
const webSocketOptions = {
  noServer: true,
  clientTracking: false,
  WebSocket: ExplainingWebSocket,
  // No client has a reason to send a message of 64 KB in more pieces.
  maxFragments: 64,
  // It would cost 64 KB a socket and more for messages that are too short to gain.
  perMessageDeflate: false,
  // One message of each socket, and then of all sockets the next: a thousand that come at once make nobody wait.
  allowSynchronousEvents: false,
  closeTimeout: CLOSE_GRACE_MS,
}

const statusTexts: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  429: 'Too Many Requests',
  503: 'Service Unavailable',
}

function answerUpgrade(stream: Duplex, reason: RefusalReason): void {
  const { code, sentence } = refusals[reason]
  stream.once('finish', () => stream.destroy())
  stream.end(
    `HTTP/1.1 ${code} ${statusTexts[code] ?? ''}\r\nConnection: close\r\n` +
      `Content-Type: text/plain; charset=utf-8\r\n` +
      (code === 429 ? 'Retry-After: 60\r\n' : '') +
      `Content-Length: ${Buffer.byteLength(sentence)}\r\n\r\n${sentence}`,
  )
}
