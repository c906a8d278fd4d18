#!/usr/bin/env node
import { describeError } from '../src/base/logger.ts'
import { cliLog, type CliLogOptions } from './cli-log.ts'
import { readCommand, usage } from './cli-options.ts'
import type { SignalingServerOptions } from './options.ts'
import { createSignalingServer } from './signaling-server.ts'

/** Sockets that do not answer are destroyed after 2 s: what has not ended in this time never will. */
const END_WITHIN_MS = 10_000

const command = readCommand(process.argv.slice(2), process.env)
if (command.kind === 'help') process.stdout.write(usage)
else if (command.kind === 'wrong') fail(`${command.sentence}\n\n${usage}`)
else await serve(command.options, command.logging)

async function serve(options: SignalingServerOptions, logging: CliLogOptions): Promise<void> {
  const log = cliLog(logging, process.stderr)
  try {
    const server = await createSignalingServer({ ...options, log })
    if (server.metricsUrl !== undefined) log('info', 'Metrics are served', { url: server.metricsUrl })
    const end = (): void => {
      void server.close()
      setTimeout(() => {
        log('critical', 'The server did not end in time, and is stopped')
        process.exit(1)
      }, END_WITHIN_MS).unref()
    }
    // Once: a second signal ends the process as usual.
    process.once('SIGINT', end)
    process.once('SIGTERM', end)
    // Last: whoever has read it may end this process.
    process.stdout.write(`rtm-mesh signaling server listens at ${server.url}\n`)
  } catch (error) {
    fail(`${error instanceof Error ? error.message : describeError(error)}\n`)
  }
}

function fail(text: string): void {
  process.stderr.write(`rtm-mesh-signaling: ${text}`)
  process.exitCode = 1
}
