import { once } from 'node:events'

import { afterAll, beforeAll, expect, it } from 'vitest'

import { refusalReasons, refusals } from '../../signaling/refusals.ts'
import { closeCodes } from '../../src/protocol/server-messages.ts'
import { lasting } from '../support/real-time.ts'
import { BuiltPrograms } from './built-programs.ts'
import { createIdentity, TestPage } from './client.ts'
import { countsOf } from './metric-values.ts'

const HOSTILE_SOCKETS = 50
const HOSTILE_INPUTS = 100_000
const ROUNDS = 5
const HONEST_PAGES = 20
/** Of each page: what a page sends that is being linked to others. */
const SIGNALS_PER_SECOND = 25
/** Of a server in a process of its own: as long is measured what signals take when nobody attacks it. */
const QUIET_MS = 1_000

let programs: BuiltPrograms

beforeAll(async () => {
  programs = await BuiltPrograms.build({
    cli: 'signaling/cli.ts',
    attacker: 'test/signaling/attacker.ts',
  })
})

afterAll(() => programs.remove())

/** Pages in pairs that send each other signals all the time, and measure how long each was on its way. */
class Honest {
  private readonly pages: TestPage[] = []
  private readonly stops: (() => void)[] = []
  private latencies: number[] = []
  sent = 0
  received = 0
  ended = 0

  static async arrive(url: string): Promise<Honest> {
    const honest = new Honest()
    for (let i = 0; i < HONEST_PAGES; i++) {
      const headers = { 'x-forwarded-for': `203.0.113.${i}` }
      const page = new TestPage(url, await createIdentity(`user${i}`), { headers })
      await page.logIn()
      honest.pages.push(page)
      page.socket.on('close', () => (honest.ended += 1))
      page.socket.on('message', (data: Buffer) => honest.take(data.toString()))
    }
    honest.start()
    return honest
  }

  /** Of the signals that arrived since it was last asked, in milliseconds. */
  percentiles(): { p50: number; p99: number; count: number } {
    const sorted = this.latencies.sort((a, b) => a - b)
    this.latencies = []
    const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? NaN
    return { p50: at(0.5), p99: at(0.99), count: sorted.length }
  }

  stop(): void {
    for (const stop of this.stops) stop()
  }

  async settled(): Promise<void> {
    for (const page of this.pages) await page.settled()
    for (const page of this.pages) await page.settled()
  }

  leave(): void {
    for (const page of this.pages) page.send({ type: 'goodbye' })
  }

  private start(): void {
    for (const [i, page] of this.pages.entries()) {
      const partner = this.pages[i ^ 1]
      if (!partner) continue
      const padding = 'x'.repeat(700)
      const timer = setInterval(() => {
        this.sent += 1
        const signal = `${performance.now()} ${padding}`
        page.send({ type: 'signal', to: partner.sessionId, signal })
      }, 1_000 / SIGNALS_PER_SECOND)
      this.stops.push(() => clearInterval(timer))
    }
  }

  private take(text: string): void {
    const [, sentAt] = /^\{"type":"signal".*"signal":"([\d.]+) /.exec(text) ?? []
    if (sentAt === undefined) return
    this.received += 1
    this.latencies.push(performance.now() - Number(sentAt))
  }
}

/** What the attacker says of itself: inputs sent, and how often its sockets ended with which code. */
interface Outcome {
  sent: number
  closes: Record<string, number>
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN

it('20 honest pages go on while 50 hostile sockets send 100,000 malformed, oversized and out-of-order inputs', async () => {
  const { child, output, ended, listening } = programs.run('cli', [
    ...['--port', '0', '--metrics-port', '0', '--trusted-proxy', 'loopback'],
    ...['--secret', 'the secret of this test'],
    // Nobody is kept out for what he did before: all of it is to be looked at.
    ...['--limit', 'misdeedsPerMinutePerAddress=3000'],
  ])
  const url = await listening
  const attacker = programs.fork('attacker', [url, String(HOSTILE_SOCKETS)])
  await once(attacker, 'message')
  const honest = await Honest.arrive(url)

  const quiet: ReturnType<Honest['percentiles']>[] = []
  const attacked: typeof quiet = []
  let outcome: Outcome = { sent: 0, closes: {} }
  for (let round = 0; round < ROUNDS; round++) {
    honest.percentiles()
    await lasting(QUIET_MS)
    quiet.push(honest.percentiles())
    const answered = once(attacker, 'message')
    attacker.send(HOSTILE_INPUTS / ROUNDS)
    ;[outcome] = (await answered) as [Outcome]
    attacked.push(honest.percentiles())
  }
  honest.stop()
  await honest.settled()

  // Said and not judged: on a machine that has other things to do, this measures those.
  const p99 = (phases: typeof quiet): string => `${median(phases.map((phase) => phase.p99)).toFixed(1)} ms`
  console.log(`Of 100 signals 99 took ${p99(quiet)} or less in quiet times, ${p99(attacked)} under attack`)

  expect(outcome.sent).toBeGreaterThanOrEqual(HOSTILE_INPUTS)
  expect(honest.sent).toBeGreaterThan(5_000)
  expect(honest.received).toBe(honest.sent)
  expect(honest.ended).toBe(0)

  const { closes } = outcome
  const codes = [closeCodes.protocolError, closeCodes.malformed, closeCodes.flood, closeCodes.tooLarge]
  for (const code of [...codes, closeCodes.refused]) expect(closes[code], `${code}`).toBeGreaterThan(0)
  const expected = new Set([...codes, closeCodes.refused, 'left', 'HTTP 429'].map(String))
  expect(Object.keys(closes).filter((how) => !expected.has(how))).toEqual([])
  // A monitor has seen each of them.
  const metricsUrl = /http:\S+metrics/.exec(output.error)?.[0] ?? ''
  const refused = await countsOf({ metrics: async () => (await fetch(metricsUrl)).text() }, 'refusals')
  for (const code of codes) {
    const reasons = refusalReasons.filter((reason) => refusals[reason].code === code)
    const counted = reasons.reduce((sum, reason) => sum + (refused[reason] ?? 0), 0)
    expect(counted, `${code}`).toBeGreaterThanOrEqual(closes[code] ?? 0)
  }
  expect(refused['server-failed']).toBeUndefined()

  attacker.disconnect()
  await once(attacker, 'exit')
  honest.leave()
  child.kill('SIGTERM')
  expect(await ended).toMatchObject({ code: 0 })
  expect(output.error).not.toMatch(/"level":"(error|fatal)"/)
}, 180_000)
