import { expect, it } from 'vitest'

import { boundedLog } from '../../signaling/bounded-log.ts'
import { cliLog } from '../../signaling/cli-log.ts'
import { privateLog } from '../../signaling/log-privacy.ts'
import type { Log } from '../../src/base/logger.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { setup } from './setup.ts'

function keep(): { lines: unknown[][]; log: Log } {
  const lines: unknown[][] = []
  return { lines, log: (...line) => lines.push(line.filter((part) => part !== undefined)) }
}

it('a line that should not have anything private does not have it all the same', () => {
  const { lines, log } = keep()
  privateLog(log)('error', 'Redis at redis://me:hunter2@db.example:6379 is away', {
    token: '006abc',
    turnSecret: 'x',
    userId: 'alice',
    signal: 'offer',
    error: 'Error: connect rediss://:hunter2@db.example',
    port: 8787,
    sessions: 'three',
  })
  expect(lines).toEqual([
    [
      'error',
      'Redis at redis://db.example:6379 is away',
      {
        token: '[not logged]',
        turnSecret: '[not logged]',
        userId: '[not logged]',
        signal: '[not logged]',
        error: 'Error: connect rediss://db.example',
        port: 8787,
        sessions: 'three',
      },
    ],
  ])
})

it('a sentence is logged ten times a minute, and then how often it was left out', () => {
  const { lines, log } = keep()
  const clock = new ManualClock()
  const bounded = boundedLog(log, clock)
  for (let i = 0; i < 1_000; i++) bounded('error', 'It failed', { i })
  bounded('info', 'Something else')
  expect(lines).toHaveLength(11)
  clock.advance(60_000)
  bounded('error', 'It failed')
  expect(lines.slice(11)).toEqual([
    ['error', 'It failed (this line was left out)', { times: 990 }],
    ['error', 'It failed'],
  ])
})

it('who is refused is in the log once a minute, as numbers', async () => {
  const { lines, log } = keep()
  const world = await setup({ log, secret: 'long enough to be no reason for a line' })
  for (let i = 0; i < 20; i++) {
    const client = world.client()
    client.socket.on('open', () => client.socket.send('nonsense'))
    await client.closed
  }
  await world.client({ headers: { 'x-forwarded-for': '10.0.0.1' } }).next('hello')
  await world.pass(60_000)
  const refused = lines.filter(([, sentence]) => sentence === 'Connections were refused')
  expect(refused).toEqual([['info', 'Connections were refused', { malformed: 20, 'login-timeout': 1 }]])
  await world.pass(120_000)
  expect(lines.filter(([, sentence]) => sentence === 'Connections were refused')).toHaveLength(1)
})

it('the log of the command is JSON or text, for a terminal text, from its level on', () => {
  const written: string[] = []
  const output = (isTTY: boolean) => ({ isTTY, write: (text: string) => written.push(text) > 0 })
  const write = (
    level: 'info' | 'warn' | 'critical',
    format: 'json' | 'text' | undefined,
    isTTY: boolean,
  ) => {
    const log = cliLog({ level, format }, output(isTTY))
    log('info', 'One')
    log('warn', 'Two', { count: 2 })
    log('critical', 'Three')
    return written.splice(0)
  }
  expect(write('warn', undefined, true)).toEqual([
    expect.stringMatching(/^\S+Z warn: Two \{"count":2\}\n$/),
    expect.stringMatching(/^\S+Z critical: Three\n$/),
  ])
  expect(write('info', undefined, false).map((line) => JSON.parse(line) as unknown)).toEqual([
    { level: 'info', time: expect.any(String), msg: 'One' },
    { level: 'warn', time: expect.any(String), count: 2, msg: 'Two' },
    { level: 'fatal', time: expect.any(String), msg: 'Three' },
  ])
  expect(write('critical', 'json', true)).toHaveLength(1)
})
