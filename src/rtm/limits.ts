import type { Clock } from '../base/clock.ts'

/** How often a method may be called: `count` times in any `windowMs` (the API's limits, judged by a sliding window). */
export interface RateLimit {
  readonly count: number
  readonly windowMs: number
}

/** Per kit instance, from the API's limits table. */
export const rateLimits = {
  login: { count: 2, windowMs: 1_000 },
  renewToken: { count: 2, windowMs: 1_000 },
  /** Peer and channel messages together. */
  send: { count: 180, windowMs: 3_000 },
  join: { count: 50, windowMs: 3_000 },
  joinSameChannel: { count: 2, windowMs: 5_000 },
  getMembers: { count: 5, windowMs: 2_000 },
  countMembers: { count: 1, windowMs: 1_000 },
  queryPeers: { count: 10, windowMs: 5_000 },
  subscribePeers: { count: 10, windowMs: 5_000 },
  unsubscribePeers: { count: 10, windowMs: 5_000 },
  listSubscriptions: { count: 10, windowMs: 5_000 },
  /** Sets, updates, deletions and clearings together. */
  writeUserAttributes: { count: 10, windowMs: 5_000 },
  /** All attributes or some, together. */
  readUserAttributes: { count: 40, windowMs: 5_000 },
  writeChannelAttributes: { count: 10, windowMs: 5_000 },
  readChannelAttributes: { count: 10, windowMs: 5_000 },
} satisfies Record<string, RateLimit>

/** How long a call waits for its answer, from the API's error code tables. */
export const timeouts = {
  loginMs: 12_000,
  sendMs: 10_000,
  joinMs: 5_000,
  attributesMs: 5_000,
  queryPeersMs: 10_000,
  subscribeMs: 10_000,
  countMembersMs: 5_000,
  /** The API names none: as long as a message waits. */
  renewTokenMs: 10_000,
} as const

/** A longer member list is a random choice of this many; beyond it `memberJoined` and `memberLeft` stop. */
export const MAX_LISTED_MEMBERS = 512

/** Users in one question whether they are online. */
export const MAX_QUERIED_PEERS = 256
/** Users that are subscribed to, over all calls. */
export const MAX_SUBSCRIPTIONS = 512
/** Channels in one question how many are in them. */
export const MAX_COUNTED_CHANNELS = 32

type LimitName = keyof typeof rateLimits

/** Windows that are kept before the empty ones among them are dropped. */
const MAX_IDLE_WINDOWS = 64

/** All windows of one kit instance; switched off for benchmarks and tests. */
export class RateLimits {
  areOn = true
  private readonly windows = new Map<string, CallWindow>()

  constructor(private readonly clock: Clock) {}

  /** True if the call may be made; it counts then. `key` tells apart the windows of one limit. */
  allow(name: LimitName, key = ''): boolean {
    return this.firstExceeded([name, key]) === undefined
  }

  /** For a call under several limits: the first that it exceeds, or undefined. It counts only if it exceeds none. */
  firstExceeded(...limits: readonly [name: LimitName, key: string][]): LimitName | undefined {
    if (!this.areOn) return undefined
    const exceeded = limits.find(([name, key]) => !this.window(name, key).isOpen)
    if (exceeded) return exceeded[0]
    for (const [name, key] of limits) this.window(name, key).count()
    return undefined
  }

  private window(name: LimitName, key: string): CallWindow {
    const id = `${name}/${key}`
    const window = this.windows.get(id) ?? new CallWindow(rateLimits[name], this.clock)
    this.windows.set(id, window)
    if (this.windows.size > MAX_IDLE_WINDOWS) this.dropEmptyWindows(id)
    return window
  }

  private dropEmptyWindows(exceptId: string): void {
    for (const [id, window] of this.windows) {
      if (id !== exceptId && window.isEmpty) this.windows.delete(id)
    }
  }
}

/** One method's calls. A call that is refused does not count. */
class CallWindow {
  private readonly calls: number[] = []

  constructor(
    private readonly limit: RateLimit,
    private readonly clock: Clock,
  ) {}

  get isOpen(): boolean {
    return this.recentCount() < this.limit.count
  }

  get isEmpty(): boolean {
    return this.recentCount() === 0
  }

  count(): void {
    this.calls.push(this.clock.now())
  }

  private recentCount(): number {
    const since = this.clock.now() - this.limit.windowMs
    while (this.calls[0] !== undefined && this.calls[0] <= since) this.calls.shift()
    return this.calls.length
  }
}
