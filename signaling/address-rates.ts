import {
  RateLimiterMemory,
  RateLimiterRedis,
  RateLimiterRes,
  RLWrapperTimeouts,
  type RateLimiterAbstract,
} from 'rate-limiter-flexible'

import type { Clock } from '../src/base/clock.ts'
import { describeError, type Log } from '../src/base/logger.ts'
import {
  FAILED_LOGIN_DELAY_MS,
  type Limits,
  LONGEST_FAILED_LOGIN_DELAY_MS,
  MAX_COUNTED_ADDRESSES,
  SHARED_COUNT_WITHIN_MS,
} from './limits.ts'

type RateLimits = Pick<
  Limits,
  | 'connectionsPerMinutePerAddress'
  | 'misdeedsPerMinutePerAddress'
  | 'failedLoginsPerMinutePerAddress'
  | 'failedLoginBlockSeconds'
  | 'messagesPerSecondPerAddress'
  | 'messageBurstPerAddress'
>

const MINUTE_S = 60
const MINUTE_MS = 60_000
/** All for whom there was no count of their own. */
const OTHERS = 'others'

/** The keys in Redis begin so. */
const KEY_PREFIX = 'rtm-mesh:rate'

/**
 * How often an address did what it may do so often: counted in this process, or by all servers of a cluster in Redis,
 * and in this process again as long as Redis is away or does not answer in 500 ms. Asked once for each connection and
 * login, never for a message: that would be a promise and a look into a map for each.
 */
export class AddressRates {
  private attempts: RateLimiterAbstract
  private failedLoginLimiter: RateLimiterAbstract
  private messages: RateLimiterAbstract
  private store: object | undefined
  private newAddresses = 0
  private minuteEnds = 0

  constructor(
    private readonly limits: RateLimits,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {
    this.attempts = this.attemptsLimiter()
    this.failedLoginLimiter = this.failedLoginsLimiter()
    this.messages = this.messagesLimiter()
  }

  /** From now on counted in Redis: a client of the package `redis`. Undefined: in this process. */
  shareThrough(redis: object | undefined): void {
    this.store = redis
    this.attempts = this.attemptsLimiter()
    this.failedLoginLimiter = this.failedLoginsLimiter()
    this.messages = this.messagesLimiter()
  }

  get isShared(): boolean {
    return this.store !== undefined
  }

  /** Whether this address may connect once more. */
  async attempt(address: string): Promise<boolean> {
    const now = this.clock.now()
    if (now >= this.minuteEnds) {
      this.minuteEnds = now + MINUTE_MS
      this.newAddresses = 0
    }
    const isCounted = this.newAddresses < MAX_COUNTED_ADDRESSES || (await this.isKnown(address))
    const { isWithin, isFirst } = await this.consume(this.attempts, isCounted ? address : OTHERS, 1)
    if (isFirst) this.newAddresses += 1
    return isWithin
  }

  /** A connection of this address was ended for what no honest client does: it counts as many that are none. */
  async misdeed(address: string): Promise<void> {
    // Those that have no count of their own are not to be held against all the others that have none.
    if (!(await this.isKnown(address))) return
    const { connectionsPerMinutePerAddress, misdeedsPerMinutePerAddress } = this.limits
    const points = Math.ceil(connectionsPerMinutePerAddress / misdeedsPerMinutePerAddress)
    await this.consume(this.attempts, address, points)
  }

  /** How many logins of this address have failed in the last minute, and for how long it may not log in, if so. */
  async failedLogins(address: string): Promise<{ count: number; blockedMs: number }> {
    const found = await this.answer(this.failedLoginLimiter.get(address), null)
    const count = found?.consumedPoints ?? 0
    const isBlocked = found && count > this.limits.failedLoginsPerMinutePerAddress
    return { count, blockedMs: isBlocked ? Math.max(found.msBeforeNext, 0) : 0 }
  }

  /** One failed, of how many now, and after how many milliseconds it is to be answered: the more often, the later. */
  async failedLogin(address: string): Promise<{ count: number; delayMs: number }> {
    const { count } = await this.consume(this.failedLoginLimiter, address, 1)
    const free = Math.ceil(this.limits.failedLoginsPerMinutePerAddress / 10)
    const delayMs = Math.max(count - free, 0) * FAILED_LOGIN_DELAY_MS
    return { count, delayMs: Math.min(delayMs, LONGEST_FAILED_LOGIN_DELAY_MS) }
  }

  /** Whether the clients of this address keep to their rate at all servers together, with so many more. */
  async sent(address: string, messages: number): Promise<boolean> {
    const { isWithin } = await this.consume(this.messages, address, messages)
    return isWithin
  }

  private async isKnown(address: string): Promise<boolean> {
    return (await this.answer(this.attempts.get(address), null)) !== null
  }

  private async consume(limiter: RateLimiterAbstract, address: string, points: number) {
    const consumed = limiter.consume(address, points).then(
      (result) => ({ isWithin: true, count: result.consumedPoints, isFirst: result.isFirstInDuration }),
      (reason: unknown) => {
        // This is how the limiter says that it is too much; anything else is an error.
        if (!(reason instanceof RateLimiterRes)) throw reason
        return { isWithin: false, count: reason.consumedPoints, isFirst: false }
      },
    )
    return this.answer(consumed, { isWithin: true, count: 0, isFirst: false })
  }

  /** What fails here must not keep anybody out. */
  private async answer<T>(asked: Promise<T>, otherwise: T): Promise<T> {
    try {
      return await asked
    } catch (error) {
      this.log('error', 'The rates of addresses could not be counted', { error: describeError(error) })
      return otherwise
    }
  }

  private attemptsLimiter(): RateLimiterAbstract {
    return this.limiter('connections', this.limits.connectionsPerMinutePerAddress, MINUTE_S, 0)
  }

  private failedLoginsLimiter(): RateLimiterAbstract {
    const { failedLoginsPerMinutePerAddress, failedLoginBlockSeconds } = this.limits
    return this.limiter('logins', failedLoginsPerMinutePerAddress, MINUTE_S, failedLoginBlockSeconds)
  }

  /** In windows that are as long as the burst lasts, as a server has it by itself. */
  private messagesLimiter(): RateLimiterAbstract {
    const { messagesPerSecondPerAddress, messageBurstPerAddress } = this.limits
    const seconds = Math.max(1, Math.ceil(messageBurstPerAddress / messagesPerSecondPerAddress))
    return this.limiter('messages', messagesPerSecondPerAddress * seconds, seconds, 0)
  }

  private limiter(
    name: string,
    points: number,
    duration: number,
    blockDuration: number,
  ): RateLimiterAbstract {
    const options = { keyPrefix: `${KEY_PREFIX}:${name}`, points, duration, blockDuration }
    const here = new RateLimiterMemory(options)
    if (!this.store) return here
    const shared = new RateLimiterRedis({
      ...options,
      storeClient: this.store,
      useRedisPackage: true,
      rejectIfRedisNotReady: true,
    })
    return new RLWrapperTimeouts({
      keyPrefix: options.keyPrefix,
      blockDuration,
      limiter: shared,
      timeoutMs: SHARED_COUNT_WITHIN_MS,
      insuranceLimiter: here,
    })
  }
}
