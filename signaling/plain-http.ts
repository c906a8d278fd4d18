import type { IncomingMessage, ServerResponse } from 'node:http'

/** What a server of its own says to those who come without a WebSocket. */
export function answerPlainHttp(path: string) {
  return (request: IncomingMessage, response: ServerResponse): void => {
    const asked = pathOf(request)
    if (asked === '/healthz' && (request.method === 'GET' || request.method === 'HEAD')) {
      answer(response, 200, 'ok')
    } else if (asked === path) {
      response.setHeader('Upgrade', 'websocket')
      answer(response, 426, 'This is a signaling server of rtm-mesh: connect to it with a WebSocket.')
    } else {
      answer(response, 404, `There is nothing here. The signaling server is at ${path}.`)
    }
  }
}

/** Without `new URL`, which throws for some of what clients send as a path. */
export function pathOf(request: IncomingMessage): string {
  return (request.url ?? '').split('?', 1)[0] ?? ''
}

function answer(response: ServerResponse, status: number, sentence: string): void {
  response.writeHead(status, { 'Content-Type': 'text/plain; charset=utf-8', 'Cache-Control': 'no-store' })
  response.end(`${sentence}\n`)
}
