import { call } from './calls.ts'
import { loginCodes, logoutCodes, renewTokenCodes } from './codes.ts'
import { ConfigMethods } from './config-methods.ts'

/** Who logs in, and with what. */
export interface LoginOptions {
  /** 1 to 64 letters, digits, spaces and `!#$%&()+-:;<=.>?@[]^_{}|~,`; not `null`. */
  uid: string
  /** AccessToken 006 or 007; none, or any text, where the app has no certificate. */
  token?: string | null | undefined
}

/** Logging in and out, and the token of a login. */
export abstract class LoginMethods extends ConfigMethods {
  /**
   * Logs in. The token is checked by the signaling server: TOKEN_EXPIRED, NOT_AUTHORIZED without the privilege to log
   * in, else INVALID_TOKEN. An older login of the same user is ended, anywhere: at the same servers, or in tabs of the
   * same browser. Rejects with a code of `RtmErrorCode.LoginError`.
   *
   * `ConnectionStateChanged` CONNECTING fires before this returns, CONNECTED or DISCONNECTED after it has resolved or
   * rejected.
   *
   * When no server answers in 4 s, a login without a token succeeds all the same, with a warning in the console: its
   * user meets only other tabs of this browser until a server answers.
   *
   * Limit: 2 calls a second, and none while a login is under way (TOO_OFTEN). TIMEOUT 12 s.
   */
  login(options: LoginOptions): Promise<void> {
    const { uid, token }: Partial<LoginOptions> = (options as LoginOptions | null | undefined) ?? {}
    return call(this.internals(), 'login', loginCodes, (engine, answer) => {
      if (engine.state === 'connecting') return answer.failed('login-under-way')
      engine.login(token, uid, (outcome) => (outcome === 'ok' ? answer.ok() : answer.failed(outcome)))
    })
  }

  /**
   * Logs out. Channels are left, and others are told before this returns, so that it may be called in `beforeunload`.
   * Listeners stay. Rejects with 102 when nobody is logged in.
   */
  logout(): Promise<void> {
    return call(this.internals(), 'logout', logoutCodes, (engine, answer) =>
      engine.logout((outcome) => (outcome === 'ok' ? answer.ok() : answer.failed(outcome))),
    )
  }

  /**
   * Gives the login another token, also while the client is RECONNECTING: it then tries at once to return with it.
   * Resolves when the signaling server has taken it, and it counts from now on; or when no server knows this login yet,
   * as it meets only other tabs, and the token is kept for one. Rejects with a code of `RtmErrorCode.RenewTokenError`;
   * TOKEN_EXPIRED, INVALID_TOKEN: the login has the token that it had.
   *
   * Limits: 2 calls a second (TOO_OFTEN); an empty token: INVALID_ARGUMENT. No server answered in 10 s: FAILURE, but
   * the token is shown when one does.
   */
  renewToken(token: string): Promise<void> {
    const method = 'renewToken'
    return call(this.internals(), method, renewTokenCodes, (engine, answer) => {
      if (typeof token !== 'string' || token === '') return answer.failed('no-token')
      engine.renewToken(token, (outcome) => (outcome === 'ok' ? answer.ok() : answer.failed(outcome)))
    })
  }
}
