import type { ChannelId, SessionId, UserId } from '../../src/base/ids.ts'
import type { MemoryBrowser } from '../support/memory-browser.ts'

export type LoginEnd = 'logout' | 'aborted' | 'crash' | 'reload' | 'failed'

/** One session as the simulation, which sees everything, knows it. */
export class Login {
  end: { readonly at: number; readonly how: LoginEnd } | undefined
  /** The login was answered with ok. */
  upAt: number | undefined
  /** Channels that it has joined, with the time of the latest join and leave. */
  readonly channels = new Map<ChannelId, { joinedAt: number | undefined; leftAt: number | undefined }>()
  /** When it was last put away, which others take for a goodbye. */
  pausedAt = -Infinity
  attributes: ReadonlyMap<string, string> = new Map()

  constructor(
    /** Of its page. */
    readonly name: string,
    readonly browser: MemoryBrowser,
    readonly userId: UserId,
    readonly sessionId: SessionId,
    readonly startedAt: number,
  ) {}

  get isAlive(): boolean {
    return this.end === undefined
  }

  isIn(channelId: ChannelId): boolean {
    return this.isAlive && this.channels.get(channelId)?.joinedAt !== undefined
  }
}
