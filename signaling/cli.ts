#!/usr/bin/env node
import { describeError, type Log } from '../src/base/logger.ts'
import { readCommand, usage } from './cli-options.ts'
import type { SignalingServerOptions } from './options.ts'
import { createSignalingServer } from './signaling-server.ts'

/** Standard output has one line, the URL; whatever else there is to say goes to standard error. */
const log: Log = (level, sentence, details) => {
  const rest = details ? ` ${JSON.stringify(details)}` : ''
  process.stderr.write(`${new Date().toISOString()} ${level}: ${sentence}${rest}\n`)
}

const command = readCommand(process.argv.slice(2), process.env)
if (command.kind === 'help') process.stdout.write(usage)
else if (command.kind === 'wrong') fail(`${command.sentence}\n\n${usage}`)
else await serve(command.options)

async function serve(options: SignalingServerOptions): Promise<void> {
  try {
    const server = await createSignalingServer({ ...options, log })
    process.stdout.write(`rtm-mesh signaling server listens at ${server.url}\n`)
    // Once: a second signal ends the process as usual.
    process.once('SIGINT', () => void server.close())
    process.once('SIGTERM', () => void server.close())
  } catch (error) {
    fail(`${error instanceof Error ? error.message : describeError(error)}\n`)
  }
}

function fail(text: string): void {
  process.stderr.write(`rtm-mesh-signaling: ${text}`)
  process.exitCode = 1
}
