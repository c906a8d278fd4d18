import { loginCodes, logoutCodes, renewTokenCodes } from './codes.ts'
import {
  AgoraRtmLoginErrorCode,
  AgoraRtmLogoutErrorCode,
  AgoraRtmRenewTokenErrorCode,
} from './error-codes.ts'
import { LogMethods } from './log-methods.ts'

/** The answer of `renewToken`. */
export interface AgoraRtmRenewTokenResult {
  /** The one that was given. */
  readonly token: string
  /** Ok, or why the token was not taken. */
  readonly errorCode: AgoraRtmRenewTokenErrorCode
}

/** Logging in and out, and the token of a login. */
export abstract class LoginMethods extends LogMethods {
  /**
   * Logs in as a user (1 to 64 letters, digits, spaces and `!#$%&()+-:;<=.>?@[]^_{}|~,`; not `null`).
   * The token (AccessToken 006 or 007) is checked by the signaling server: TokenExpired, NotAuthorized without the
   * privilege to log in, else InvalidToken. An app without a certificate needs none.
   * An older login of the same user is ended, anywhere: at the same servers, or in tabs of the same browser.
   *
   * When no server answers in 4 s, a login without a token succeeds all the same, with a warning in the console: its
   * user meets only other tabs of this browser until a server answers, and goes on so if that refuses the login
   * (unless the user is banned there, or has logged in elsewhere).
   *
   * Limit: 2 calls a second (LoginTooOften). Timeout 12 s.
   */
  loginByToken(
    token: string | null,
    userId: string,
    completion?: ((errorCode: AgoraRtmLoginErrorCode) => void) | null,
  ): Promise<AgoraRtmLoginErrorCode> {
    const { callbacks, engine, failures } = this.internals()
    return callbacks.answer(completion, (done) => {
      if (!engine) return done(AgoraRtmLoginErrorCode.LoginNotInitialized)
      engine.login(token, userId, (outcome) => done(loginCodes[failures.told('loginByToken', outcome)]))
    })
  }

  /** Logs out. Channels are left, and others are told at once. */
  logoutWithCompletion(
    completion?: ((errorCode: AgoraRtmLogoutErrorCode) => void) | null,
  ): Promise<AgoraRtmLogoutErrorCode> {
    const { callbacks, engine, failures } = this.internals()
    return callbacks.answer(completion, (done) => {
      if (!engine) return done(AgoraRtmLogoutErrorCode.NotInitialized)
      engine.logout((outcome) => done(logoutCodes[failures.told('logoutWithCompletion', outcome)]))
    })
  }

  /**
   * Gives the login another token, also while the kit is Reconnecting: it then tries at once to return with it. Ok: the
   * signaling server has taken it, and it counts from now on; or no server knows this login yet, as it meets only other
   * tabs, and the token is kept for one. TokenExpired, InvalidToken: the login has the token that it had.
   *
   * Limits: 2 calls a second (TooOften); an empty token: InvalidArgument. No server answered in 10 s: Failure, but the
   * token is shown when one does; Failure at once when a later call takes its place before. Aborted: Failure, as only a logout leads out.
   */
  renewToken(
    token: string,
    completion?: ((token: string, errorCode: AgoraRtmRenewTokenErrorCode) => void) | null,
  ): Promise<AgoraRtmRenewTokenResult> {
    const { callbacks, engine, failures } = this.internals()
    const block =
      completion && ((answer: AgoraRtmRenewTokenResult) => completion(answer.token, answer.errorCode))
    return callbacks.answer(block, (done) => {
      if (!engine) return done({ token, errorCode: AgoraRtmRenewTokenErrorCode.NotInitialized })
      engine.renewToken(token, (outcome) =>
        done({ token, errorCode: renewTokenCodes[failures.told('renewToken', outcome)] }),
      )
    })
  }
}
