import type { ChannelId, SessionId, UserId } from '../../src/base/ids.ts'
import type { MemoryBrowser } from '../support/memory-browser.ts'

export type LoginEnd = 'logout' | 'aborted' | 'crash' | 'reload' | 'failed'

/** After somebody left or was put away, news of that may be on their way for so long. */
export const NEWS_MS = 65_000

/** One session as the simulation, which sees everything, knows it. */
export class Login {
  end: { readonly at: number; readonly how: LoginEnd } | undefined
  /** The login was answered with ok. */
  upAt: number | undefined
  /** Channels that it has joined, with the time of the latest join and leave. */
  readonly channels = new Map<ChannelId, { joinedAt: number | undefined; leftAt: number | undefined }>()
  /** When it was put away, or sent away, which others take for a goodbye. */
  readonly goodbyes: number[] = []
  /** A server has accepted it, for the first time. */
  acceptedAt: number | undefined
  /** Of the keys that signed its credentials. */
  readonly credentialKeyIds = new Set<string>()
  /** Of the one with which it vouched for itself, before a server did. */
  ownKeyId: string | undefined
  /** Of the server keys that it was told of, the latest last. */
  serverKeyIds: readonly string[] = []
  /** Of each session, how much of what it had sent its page was not told yet when it crashed. */
  untold: ReadonlyMap<SessionId, number> = new Map()
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

  get saidGoodbyeAt(): number {
    return this.goodbyes.at(-1) ?? -Infinity
  }

  isIn(channelId: ChannelId): boolean {
    return this.isAlive && this.channels.get(channelId)?.joinedAt !== undefined
  }
}

/** What is logged in, or logging in, in a page. */
export function loginOf({ login }: { readonly login: Login | undefined }): Login | undefined {
  return login?.isAlive === true ? login : undefined
}

/** Its user has, or had a moment ago, another session, and only one of them counts. */
export function isReplaced(one: Login, all: Iterable<Login>, now: number): boolean {
  for (const login of all) {
    if (login === one || login.userId !== one.userId) continue
    if ((login.end?.at ?? Infinity) > now - NEWS_MS) return true
  }
  return false
}
