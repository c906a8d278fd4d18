import type { Clock } from '../src/base/clock.ts'
import type { AppId, SessionId, UserId } from '../src/base/ids.ts'
import { encodeNotice, type Notice, noticeSigningInput, sealNotice } from '../src/protocol/notice.ts'
import { CREDENTIAL_LIFE_MS } from './limits.ts'
import type { KeyRing } from './server-keys.ts'

type Subject =
  | { readonly kind: 'kick'; readonly appId: AppId; readonly userId: UserId; readonly sessionId: SessionId }
  | { readonly kind: 'ban'; readonly appId: AppId; readonly userId: UserId }

/** Signs what an operator decided, so that peers can honour it without this server. */
export class NoticeOffice {
  constructor(
    private readonly keys: KeyRing,
    private readonly clock: Clock,
  ) {}

  /** Sealed. Good as long as a credential that was issued until now. */
  issue(subject: Subject, loginTime: number): string {
    const { signing } = this.keys
    const now = this.clock.now()
    // Of a clock that was set back the login may be ahead.
    const times = { issuedAt: Math.max(now, loginTime), expiresAt: now + CREDENTIAL_LIFE_MS }
    const notice: Notice = { ...subject, ...times, keyId: signing.keyId }
    const body = encodeNotice(notice)
    return sealNotice(body, signing.sign(noticeSigningInput(body)))
  }
}
