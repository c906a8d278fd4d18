import { createClient } from 'redis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest'

import { AddressRates } from '../../signaling/address-rates.ts'
import { limitsOf, type Limits } from '../../signaling/limits.ts'
import { systemClock } from '../../src/base/clock.ts'
import { RedisServer } from '../support/redis.ts'

const SCHOOL = '198.51.100.7'

const problems: string[] = []

function ratesWith(limits: Partial<Limits>): AddressRates {
  return new AddressRates(limitsOf(limits), systemClock, (_level, sentence) => problems.push(sentence))
}

/** How many of so many attempts were let through. */
async function attempts(rates: AddressRates, address: string, count: number): Promise<number> {
  let through = 0
  for (let i = 0; i < count; i++) if (await rates.attempt(address)) through += 1
  return through
}

beforeEach(() => {
  problems.length = 0
})

afterEach(() => expect(problems).toEqual([]))

describe('the rates of an address', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['Date', 'setTimeout', 'clearTimeout', 'performance'] }))
  afterEach(() => void vi.useRealTimers())

  it('let it connect again when the minute is over', async () => {
    const rates = ratesWith({ connectionsPerMinutePerAddress: 5 })
    expect(await attempts(rates, SCHOOL, 8)).toBe(5)
    vi.advanceTimersByTime(59_000)
    expect(await attempts(rates, SCHOOL, 8)).toBe(0)
    vi.advanceTimersByTime(2_000)
    expect(await attempts(rates, SCHOOL, 8)).toBe(5)
  })

  it('answer failed logins ever later, at most 5 s later, and forget them after a minute', async () => {
    const rates = ratesWith({ failedLoginsPerMinutePerAddress: 100 })
    const delays: number[] = []
    for (let i = 0; i < 100; i++) delays.push((await rates.failedLogin(SCHOOL)).delayMs)
    expect(delays.slice(0, 12)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 100, 200])
    expect(Math.max(...delays)).toBe(5_000)
    expect((await rates.failedLogins(SCHOOL)).blockedMs).toBe(0)
    vi.advanceTimersByTime(61_000)
    expect(await rates.failedLogin(SCHOOL)).toEqual({ count: 1, delayMs: 0 })
  })

  it('refuse logins of an address that failed too often for as long as it says, and no longer', async () => {
    const rates = ratesWith({ failedLoginsPerMinutePerAddress: 10, failedLoginBlockSeconds: 120 })
    for (let i = 0; i < 11; i++) await rates.failedLogin(SCHOOL)
    expect((await rates.failedLogins(SCHOOL)).blockedMs).toBe(120_000)
    vi.advanceTimersByTime(119_000)
    expect((await rates.failedLogins(SCHOOL)).blockedMs).toBe(1_000)
    expect((await rates.failedLogins('203.0.113.9')).blockedMs).toBe(0)
    vi.advanceTimersByTime(1_001)
    expect((await rates.failedLogins(SCHOOL)).blockedMs).toBe(0)
  })
})

describe('servers with one Redis', () => {
  let redis: RedisServer
  beforeAll(async () => {
    redis = await RedisServer.start()
  })
  afterAll(() => redis.close())
  beforeEach(() => redis.empty())

  async function shared(limits: Partial<Limits>): Promise<AddressRates> {
    const client = createClient({ url: redis.url, disableOfflineQueue: true })
    // Its errors are what this is about; without a listener they would end the process.
    client.on('error', () => undefined)
    await client.connect()
    onTestFinished(() => client.destroy())
    const rates = ratesWith(limits)
    rates.shareThrough(client)
    return rates
  }

  it('count the connections, failed logins and messages of an address together', async () => {
    const limits = {
      connectionsPerMinutePerAddress: 10,
      failedLoginsPerMinutePerAddress: 10,
      messagesPerSecondPerAddress: 100,
      messageBurstPerAddress: 1_000,
    }
    const [one, other] = [await shared(limits), await shared(limits)]
    expect(await attempts(one, SCHOOL, 7)).toBe(7)
    expect(await attempts(other, SCHOOL, 7)).toBe(3)
    expect(await attempts(other, '203.0.113.9', 1)).toBe(1)
    for (let i = 0; i < 11; i++) await (i % 2 === 0 ? one : other).failedLogin(SCHOOL)
    expect((await one.failedLogins(SCHOOL)).blockedMs).toBeGreaterThan(290_000)
    expect((await other.failedLogins(SCHOOL)).blockedMs).toBeGreaterThan(290_000)
    expect(await one.sent(SCHOOL, 600)).toBe(true)
    expect(await other.sent(SCHOOL, 600)).toBe(false)
    // What is counted ends by itself.
    for (const [key, lifeMs] of await redis.lives()) expect(lifeMs, key).toBeGreaterThan(0)
  })

  it('count each for itself while Redis is away or stands still, and together again when it is back', async () => {
    const limits = { connectionsPerMinutePerAddress: 5 }
    const [one, other] = [await shared(limits), await shared(limits)]
    expect(await attempts(one, SCHOOL, 9)).toBe(5)
    redis.freeze()
    expect(await one.attempt('192.0.2.1')).toBe(true)
    expect(await other.attempt(SCHOOL)).toBe(true)
    redis.thaw()
    await redis.kill()
    expect(await attempts(one, '192.0.2.1', 9)).toBe(4)
    expect(await attempts(other, SCHOOL, 9)).toBe(4)
    await redis.startAgain()
    await vi.waitFor(async () => expect(await one.attempt('192.0.2.2')).toBe(true))
    await vi.waitFor(async () => {
      await other.attempt('192.0.2.2')
      expect(await one.attempt('192.0.2.2')).toBe(false)
    }, 10_000)
  })
})
