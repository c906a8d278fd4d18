import type { Credential } from '../protocol/credential.ts'
import type { Notice } from '../protocol/notice.ts'
import type { SessionId } from '../base/ids.ts'

/** Notices that are remembered, the latest: only operators make any. About 1 KB each. */
const MAX_NOTICES = 1_024

/** The notices that count now, each of them verified. */
export class NoticeBook {
  /** By whom it is about; the latest last. */
  private readonly entries = new Map<string, { readonly notice: Notice; readonly text: string }>()

  /** `isOver` says whether something that expires then no longer counts now. */
  constructor(private readonly isOver: (expiresAt: number) => boolean) {}

  /** Sealed, the latest last. */
  get texts(): readonly string[] {
    return [...this.entries.values()]
      .filter(({ notice }) => !this.isOver(notice.expiresAt))
      .map(({ text }) => text)
  }

  /** Whether it says nothing that is not known. A signature has more than one form, so that texts do not tell. */
  covers(notice: Notice): boolean {
    const known = this.entries.get(keyOf(notice))?.notice
    return known !== undefined && known.issuedAt >= notice.issuedAt && known.expiresAt >= notice.expiresAt
  }

  add(notice: Notice, text: string): void {
    const key = keyOf(notice)
    this.entries.delete(key)
    this.entries.set(key, { notice, text })
    for (const [other, { notice: entry }] of this.entries)
      if (this.isOver(entry.expiresAt)) this.entries.delete(other)
    const [oldest] = this.entries.keys()
    if (oldest !== undefined && this.entries.size > MAX_NOTICES) this.entries.delete(oldest)
  }

  /** Whether a session with this credential is out. Who logged in after a ban was let in again. */
  excludes(sessionId: SessionId, { userId, loginTime }: Pick<Credential, 'userId' | 'loginTime'>): boolean {
    return [this.entries.get(sessionId), this.entries.get(userKey(userId))].some(
      (entry) =>
        entry !== undefined &&
        !this.isOver(entry.notice.expiresAt) &&
        (entry.notice.kind === 'kick' || loginTime <= entry.notice.issuedAt),
    )
  }
}

function keyOf(notice: Notice): string {
  return notice.kind === 'kick' ? notice.sessionId : userKey(notice.userId)
}

/** No session id. */
function userKey(userId: string): string {
  return `user ${userId}`
}
