import type { IncomingMessage } from 'node:http'
import type { Server } from 'node:net'
import type { Duplex } from 'node:stream'

import { type WebSocket, WebSocketServer } from 'ws'

import type { Cancel } from '../src/base/clock.ts'
import { MAX_SERVER_MESSAGE_BYTES } from '../src/protocol/server-messages.ts'
import { CLOSE_GRACE_MS } from './limits.ts'
import { pathOf } from './plain-http.ts'

export interface DoorwayOptions {
  readonly server: Server
  readonly path: string
  /** Pages of these origins may connect; undefined: all. */
  readonly origins: ReadonlySet<string> | undefined
  /** Whether the http server has no other users, who would answer upgrades of other paths. */
  readonly ownsServer: boolean
}

/** Lets WebSockets in at one path of an http server. Returns how to close it for new ones. */
export function openDoorway(options: DoorwayOptions, enter: (socket: WebSocket) => void): Cancel {
  const { server, path, origins, ownsServer } = options
  const webSockets = new WebSocketServer(webSocketOptions)
  const onUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    if (pathOf(request) !== path) {
      if (ownsServer) refuse(stream, '404 Not Found', `The signaling server is at ${path}.`)
    } else if (origins && !origins.has(request.headers.origin?.toLowerCase() ?? '')) {
      refuse(stream, '403 Forbidden', 'Pages of this origin may not use this signaling server.')
    } else {
      webSockets.handleUpgrade(request, stream, head, enter)
    }
  }
  server.on('upgrade', onUpgrade)
  return () => {
    server.off('upgrade', onUpgrade)
    webSockets.close()
  }
}

/** `closeTimeout` and `maxFragments` are ws options that its type declarations do not have yet. */
const webSocketOptions = {
  noServer: true,
  clientTracking: false,
  maxPayload: MAX_SERVER_MESSAGE_BYTES,
  // No client has a reason to send a message of 64 KB in more pieces.
  maxFragments: 64,
  // It would cost 64 KB a socket and more for messages that are too short to gain.
  perMessageDeflate: false,
  closeTimeout: CLOSE_GRACE_MS,
}

function refuse(stream: Duplex, status: string, sentence: string): void {
  // The client may be gone already.
  stream.on('error', () => stream.destroy())
  stream.once('finish', () => stream.destroy())
  stream.end(
    `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(sentence)}\r\n\r\n${sentence}`,
  )
}
