import type { Cancel } from '../base/clock.ts'
import type { AppId, UserId } from '../base/ids.ts'
import { describeError } from '../base/logger.ts'
import type { LoginRefusal } from '../protocol/server-messages.ts'
import { timeouts } from './limits.ts'
import type { OnlineSession } from './online-session.ts'
import { listenToPage, type PagePlaces, type PageEvents } from './page-events.ts'
import { NoServerNamed } from './page-servers.ts'
import type { PeerStatus } from './presence.ts'
import type { ReceivedContent } from './received.ts'
import type { EngineParts } from './settings.ts'
import type { Surroundings } from './surroundings.ts'

export type ConnectionState = 'disconnected' | 'connecting' | 'connected' | 'reconnecting' | 'aborted'

export type ConnectionChangeReason =
  | 'login'
  | 'login-success'
  | 'login-failure'
  | 'login-timeout'
  | 'interrupted'
  | 'logout'
  | 'banned-by-server'
  | 'remote-login'
  | 'token-expired'

export type LoginResult = 'ok' | 'unknown' | 'no-server-named' | 'already-login' | 'timeout' | LoginRefusal

export interface SessionEvents {
  connectionStateChanged(state: ConnectionState, reason: ConnectionChangeReason): void
  peerMessage(received: ReceivedContent, from: UserId): void
  peersChanged(statuses: readonly PeerStatus[]): void
  /** In 30 s or less the session ends with its token, unless that is renewed. */
  tokenWillExpire(): void
  /** The session has ended, or cannot return, or is kept out by a server that has answered now: another token is needed. */
  tokenExpired(): void
}

/** A gap shorter than this is not reported. */
const INTERRUPTED_AFTER_MS = 4_000

/**
 *                  login            success
 *     disconnected -----> connecting -----> connected <----- reconnecting
 *          ^   ^              |               |   |   4 s down    |
 *          |   +-- failure ---+               |   +-------------->|
 *          +--------------- logout -----------+--> aborted <------+
 *                                           other login, kick, ban, end of the token
 */
type State =
  | { readonly at: 'disconnected' }
  | {
      readonly at: 'connecting'
      online: OnlineSession | undefined
      readonly giveUp: Cancel
      readonly finish: (result: LoginResult) => void
    }
  | { readonly at: 'connected'; readonly online: OnlineSession; cancelGap: Cancel }
  | { readonly at: 'reconnecting'; readonly online: OnlineSession }
  | { readonly at: 'aborted' }

/** Who is logged in, and how the connection stands. */
export class Session {
  private state: State = { at: 'disconnected' }
  private stopListening: Cancel = () => undefined

  constructor(
    private readonly appId: AppId,
    private readonly surroundings: Surroundings,
    private readonly settings: EngineParts,
    private readonly events: SessionEvents,
  ) {}

  get at(): ConnectionState {
    return this.state.at
  }

  /** What is logged in or logging in. */
  get present(): OnlineSession | undefined {
    return 'online' in this.state ? this.state.online : undefined
  }

  /** What is logged in; also while reconnecting. */
  get online(): OnlineSession | undefined {
    return this.state.at === 'connected' || this.state.at === 'reconnecting' ? this.state.online : undefined
  }

  login(token: string | null, userId: UserId, finish: (result: LoginResult) => void): void {
    if (this.state.at !== 'disconnected') return finish('already-login')
    const giveUp = this.surroundings.clock.after(timeouts.loginMs, () =>
      this.fail('timeout', 'login-timeout'),
    )
    const connecting: State = { at: 'connecting', online: undefined, giveUp, finish }
    this.state = connecting
    this.events.connectionStateChanged('connecting', 'login')
    void this.connect(connecting, token, userId)
  }

  logout(done: (result: 'ok' | 'not-logged-in') => void): void {
    if (this.state.at === 'disconnected') return done('not-logged-in')
    const finishLogin = this.state.at === 'connecting' ? this.state.finish : undefined
    this.leaveState()?.close()
    finishLogin?.('unknown')
    done('ok')
    this.events.connectionStateChanged('disconnected', 'logout')
  }

  private async connect(connecting: State, token: string | null, userId: UserId): Promise<void> {
    const { surroundings, settings, appId } = this
    try {
      const { environment, OnlineSession } = await surroundings.loadLogin()
      const crypto = await environment.loadCrypto()
      const identity = await environment.createIdentity(crypto)
      // Logged out, or out of time, meanwhile.
      if (this.state !== connecting || this.state.at !== 'connecting') return
      const options = { environment, settings, crypto, identity, appId, userId, token }
      this.state.online = new OnlineSession(options, this.onlineEvents())
      this.stopListening = this.listenToPage(environment.page)
    } catch (error) {
      surroundings.log('error', 'This browser cannot log in', { error: describeError(error) })
      const reason = error instanceof NoServerNamed ? 'no-server-named' : 'unknown'
      if (this.state === connecting) this.fail(reason, 'login-failure')
    }
  }

  private listenToPage(page: PagePlaces | undefined): Cancel {
    const note = (what: string): void => this.surroundings.log('info', `The page ${what}`)
    let leaving: OnlineSession | undefined
    const events: PageEvents = {
      closed: () => {
        note('is closed')
        // Which may be cut short, and is then begun again: so the state is left last.
        leaving ??= this.present
        leaving?.close()
        this.leaveState()
      },
      putAway: () => {
        note('is put away')
        this.present?.pause()
      },
      shownAgain: () => {
        note('is shown again')
        this.present?.resume()
      },
      woke: () => {
        note('is looked at, or woke up')
        this.present?.probe()
      },
      network: (isThere) => {
        note(isThere ? 'has a network' : 'has no network')
        this.present?.setOnline(isThere)
      },
    }
    return listenToPage(events, page)
  }

  private onlineEvents(): ConstructorParameters<typeof OnlineSession>[1] {
    return {
      up: () => this.up(),
      down: () => this.down(),
      refused: (reason, sentence) => this.refused(reason, sentence),
      ended: (reason) => this.abort(reason === 'kicked' || reason === 'banned' ? 'banned-by-server' : reason),
      peerMessage: (received, from) => this.events.peerMessage(received, from),
      peersChanged: (statuses) => this.events.peersChanged(statuses),
      tokenWillExpire: () => this.events.tokenWillExpire(),
      // While reconnecting it is the server's to say, when it is back.
      tokenExpired: () => void (this.state.at === 'connected' && this.abort('token-expired')),
      tokenRefused: () => this.events.tokenExpired(),
    }
  }

  private up(): void {
    const { state } = this
    if (state.at === 'connected') return state.cancelGap()
    if ((state.at !== 'connecting' && state.at !== 'reconnecting') || !state.online) return
    if (state.at === 'connecting') state.giveUp()
    this.state = { at: 'connected', online: state.online, cancelGap: () => undefined }
    if (state.at === 'connecting') state.finish('ok')
    this.events.connectionStateChanged('connected', 'login-success')
  }

  private down(): void {
    const { state } = this
    if (state.at !== 'connected') return
    state.cancelGap()
    state.cancelGap = this.surroundings.clock.after(INTERRUPTED_AFTER_MS, () => {
      this.state = { at: 'reconnecting', online: state.online }
      this.events.connectionStateChanged('reconnecting', 'interrupted')
    })
  }

  private refused(reason: LoginRefusal, sentence: string): void {
    this.surroundings.log('error', 'The signaling server refused the login', { reason, sentence })
    if (this.state.at === 'connecting') return this.fail(reason, 'login-failure')
    this.abort(reason === 'remote-login' ? 'remote-login' : 'banned-by-server')
  }

  private fail(result: LoginResult, reason: ConnectionChangeReason): void {
    if (this.state.at !== 'connecting') return
    const { finish } = this.state
    this.leaveState()?.close()
    finish(result)
    this.events.connectionStateChanged('disconnected', reason)
  }

  /** Out, and out until `logout`. */
  private abort(reason: ConnectionChangeReason): void {
    const isExpired = reason === 'token-expired'
    if (this.state.at === 'connecting')
      return this.fail(isExpired ? 'token-expired' : 'unknown', 'login-failure')
    this.leaveState()?.close()
    this.state = { at: 'aborted' }
    if (isExpired) this.events.tokenExpired()
    this.events.connectionStateChanged('aborted', reason)
  }

  /** Ends what belongs to the present state; the caller closes what was online. */
  private leaveState(): OnlineSession | undefined {
    const { state } = this
    this.state = { at: 'disconnected' }
    this.stopListening()
    if (state.at === 'connecting') state.giveUp()
    if (state.at === 'connected') state.cancelGap()
    return 'online' in state ? state.online : undefined
  }
}
