import type { AppId, UserId } from '../src/base/ids.ts'

export type TokenVerdict =
  | { readonly ok: true }
  | {
      readonly ok: false
      readonly reason: 'invalid-app-id' | 'invalid-token' | 'token-expired' | 'not-authorized'
      readonly message: string
    }

/** Whether a token lets this user into this app. Never logs the token, nor puts it into the message. */
export type TokenCheck = (appId: AppId, userId: UserId, token: string | undefined) => TokenVerdict

/** For apps without a certificate, as the API's own servers do: any token is good, and none is. */
export const acceptAnyToken: TokenCheck = () => ({ ok: true })
