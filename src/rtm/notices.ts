import type { SessionId, UserId } from '../base/ids.ts'
import type { Log } from '../base/logger.ts'
import type { Trust } from '../mesh/trust.ts'
import type { Notice } from '../protocol/notice.ts'
import type { Peer } from '../protocol/peer.ts'

/** Shown to a new neighbour, the latest: operators rarely decide more in half a day, and it looks at 256 at once. */
const MAX_SHOWN = 64

export interface NoticesOptions {
  readonly trust: Trust
  readonly log: Log
  /** This session, once it is logged in. */
  me(): Peer | undefined
  /** Whatever sessions of this user are known; one may be named twice. */
  peersOf(userId: UserId): readonly Peer[]
  /** Its session is over. */
  end(peer: Peer): void
  endMe(reason: 'kicked' | 'banned', sentence: string): void
  /** Tells all neighbours, or one. */
  spread(notice: string, to?: SessionId): void
}

/**
 * What operators decided about sessions and users, honoured while no server is there: a notice that is news ends the
 * sessions that it is about and goes on to all neighbours, and who is linked later is shown those that still count.
 */
export class Notices {
  private isClosed = false

  constructor(private readonly options: NoticesOptions) {}

  /** By a server or a neighbour; it need not be genuine. */
  async heard(text: string): Promise<void> {
    const notice = await this.options.trust.addNotice(text)
    if (!notice || this.isClosed) return
    const { log, me, peersOf, end, spread } = this.options
    log('info', 'The operator of a signaling server has ended a session', {
      userId: notice.userId,
      kind: notice.kind,
    })
    spread(text)
    const peers = new Map(peersOf(notice.userId).map((peer) => [peer.sessionId, peer]))
    for (const peer of peers.values()) if (isAbout(notice, peer)) end(peer)
    const self = me()
    if (self && isAbout(notice, self)) this.endMe(notice)
  }

  linked({ sessionId }: Peer): void {
    const { trust, spread } = this.options
    for (const text of trust.noticeTexts.slice(-MAX_SHOWN)) spread(text, sessionId)
  }

  close(): void {
    this.isClosed = true
  }

  private endMe({ kind }: Notice): void {
    const reason = kind === 'kick' ? 'kicked' : 'banned'
    this.options.endMe(reason, 'The operator of the signaling server ended it, as a neighbour told')
  }
}

function isAbout(notice: Notice, { userId, sessionId, loginTime }: Peer): boolean {
  if (userId !== notice.userId) return false
  return notice.kind === 'kick' ? sessionId === notice.sessionId : loginTime <= notice.issuedAt
}
