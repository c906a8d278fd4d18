import { createServer, type Server } from 'node:http'

import { describeError, type Log } from '../src/base/logger.ts'
import { listen, portOf, reachable, stopListening } from './listening.ts'
import { answer, answerMonitor, pathOf } from './plain-http.ts'
import type { Readiness } from './readiness.ts'

export interface MetricsOptions {
  /** 0 takes a free one. */
  readonly port: number
  /** `127.0.0.1` unless given: how much a server has to do is nobody else's business. */
  readonly host?: string | undefined
}

/** Prometheus's own name for its text format. */
const CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'

/** `/metrics`, `/healthz` and `/readyz` on a port of their own, apart from the one that is open to everybody. */
export class MetricsServer {
  private constructor(
    private readonly server: Server,
    private readonly host: string,
  ) {}

  static async open(
    { port, host = '127.0.0.1' }: MetricsOptions,
    readiness: Readiness,
    metrics: () => Promise<string>,
    log: Log,
  ): Promise<MetricsServer> {
    const server = createServer((request, response) => {
      if (answerMonitor(request, response, readiness)) return
      if (pathOf(request) !== '/metrics') {
        answer(response, 404, 'Here are /metrics, /healthz and /readyz.')
        return
      }
      metrics().then(
        (text) => answer(response, 200, text.trimEnd(), CONTENT_TYPE),
        (error: unknown) => {
          log('error', 'The metrics could not be read', { error: describeError(error) })
          answer(response, 500, 'The metrics could not be read; the log says why.')
        },
      )
    })
    await listen(server, host, port)
    return new MetricsServer(server, host)
  }

  get url(): string {
    return `http://${reachable(this.host)}:${portOf(this.server)}/metrics`
  }

  close(): Promise<void> {
    return stopListening(this.server)
  }
}
