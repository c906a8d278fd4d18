import type { IncomingMessage, ServerResponse } from 'node:http'

import type { Readiness } from './readiness.ts'

/** What a server of its own says to those who come without a WebSocket. */
export function answerPlainHttp(path: string, readiness: Readiness) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const asked = pathOf(request)
    if (answerMonitor(request, response, readiness)) return
    if (asked === path) {
      response.setHeader('Upgrade', 'websocket')
      answer(response, 426, 'This is a signaling server of rtm-mesh: connect to it with a WebSocket.')
    } else {
      answer(response, 404, `There is nothing here. The signaling server is at ${path}.`)
    }
  }
}

/** `/healthz`: this process answers. `/readyz`: it may be given users. False for any other question. */
export function answerMonitor(
  request: IncomingMessage,
  response: ServerResponse,
  readiness: Readiness,
): boolean {
  if (request.method !== 'GET' && request.method !== 'HEAD') return false
  switch (pathOf(request)) {
    case '/healthz':
      answer(response, 200, 'ok')
      return true
    case '/readyz': {
      const report = readiness.current
      answer(response, report.ready ? 200 : 503, JSON.stringify(report), 'application/json')
      return true
    }
    default:
      return false
  }
}

/** Without `new URL`, which throws for some of what clients send as a path. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0] ?? ''
}

export function answer(
  response: ServerResponse,
  status: number,
  text: string,
  type = 'text/plain; charset=utf-8',
): void {
  response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store' })
  response.end(`${text}\n`)
}
