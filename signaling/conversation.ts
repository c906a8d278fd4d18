import { type Bytes, toBase64Url } from '../src/base/bytes.ts'
import type { Clock } from '../src/base/clock.ts'
import { describeError, type Log } from '../src/base/logger.ts'
import {
  type ClientMessage,
  decodeClientMessage,
  type LoginRequest,
} from '../src/protocol/client-messages.ts'
import { closeCodes, type ServerMessage } from '../src/protocol/server-messages.ts'
import { FEATURES, PROTOCOL_VERSION } from '../src/protocol/version.ts'
import type { Connection, ConnectionEvents } from './connection.ts'
import type { KeyRing } from './server-keys.ts'
import { type Limits, MAX_WAITING_MESSAGES } from './limits.ts'
import { type LoginDecision, type LoginPolicy, loginVersionIn, refusal } from './login.ts'
import type { LoginGuard } from './login-guard.ts'
import { nextNonce } from './nonces.ts'
import type { Presence } from './presence.ts'
import type { RefusalReason } from './refusals.ts'
import type { Relay } from './relay.ts'
import type { Rosters } from './rosters.ts'
import type { Session } from './session.ts'
import { readSignalText } from './signal-text.ts'
import type { SessionTokens } from './session-tokens.ts'
import type { Subscriptions } from './subscriptions.ts'
import type { Tallies } from './tallies.ts'
import type { TurnOffice } from './turn.ts'
import type { Visits } from './visits.ts'

/** The rooms of the server that a conversation leads to. */
export interface Services {
  readonly clock: Clock
  readonly log: Log
  readonly limits: Limits
  readonly tallies: Tallies
  readonly boot: string
  readonly keys: KeyRing
  readonly turn: TurnOffice
  readonly loginPolicy: LoginPolicy
  readonly loginGuard: LoginGuard
  readonly presence: Presence
  readonly rosters: Rosters
  readonly visits: Visits
  readonly subscriptions: Subscriptions
  readonly relay: Relay
  readonly tokens: SessionTokens
}

type State =
  | { readonly at: 'greeted'; readonly nonce: Bytes; readonly since: number }
  /** What happens while the login is being decided waits for it, so that a goodbye or a close ends the session. */
  | { readonly at: 'deciding'; readonly waiting: (() => void)[] }
  | { readonly at: 'in'; readonly session: Session }
  | { readonly at: 'over' }

/**
 * What is said over one connection: greeting, login, then anything. Bad input has these answers, with the default
 * limits:
 *
 *     larger than 64 KB                         close 1009
 *     no frame of a WebSocket                   close 1002
 *     binary, not JSON, not of this protocol    close 1007
 *     anything but a login before the login     close 1007
 *     a second login                            close 1007
 *     more than 32 messages during the login    close 1007
 *     more than 200 messages a second           close 1008 (after a burst of 1,000)
 *     more than 4,000 a second of its address   close 1008 (after a burst of 40,000)
 *     no login within 10 s                      close 4003
 *     a login of another protocol version       `refused` unsupported-version, close 4001
 *     a login that is not accepted              `refused` with its reason, close 4001
 *     a bad or expired credential in a login    ignored: the login counts as new
 *     the 21st channel                          `joinRefused`
 *     the 21st visit                            the oldest visit ends
 *     a subscription to a 513th user, or one too
 *       many of all sessions                    not among those that `subscribed` names
 *     a signal to oneself, to nobody, to a session of another app, without
 *       a socket or with a full queue           `undeliverable`
 *     a token that is not good, to renew with  `tokenRefused`; the session keeps what it had
 *     a late join or leave, an end of no visit
 *       or of no subscription                   ignored
 *
 * Whatever closes a connection, its session lingers until it is lost, except where `ended` said otherwise.
 */
export class Conversation implements ConnectionEvents {
  private state: State

  constructor(
    private readonly connection: Connection,
    private readonly services: Services,
  ) {
    const nonce = nextNonce()
    this.state = { at: 'greeted', nonce, since: services.clock.now() }
    connection.listen(this)
    this.say({
      type: 'hello',
      version: PROTOCOL_VERSION,
      features: FEATURES,
      nonce: toBase64Url(nonce),
      boot: services.boot,
    })
  }

  /** Once a round. */
  tick(now: number): void {
    const { state } = this
    if (state.at === 'greeted' && now - state.since >= this.services.limits.loginWithinMs) {
      this.refuse('login-timeout')
    }
    this.connection.ping(now, state.at === 'in')
  }

  forgiveSilence(): void {
    this.connection.forgiveSilence()
  }

  finish(code: number, sentence: string): void {
    this.connection.end(code, sentence)
  }

  get queuedBytes(): number {
    return this.connection.queuedBytes
  }

  terminate(): void {
    this.connection.terminate()
  }

  private refuse(reason: RefusalReason): void {
    this.connection.refuse(reason)
  }

  message(text: string): void {
    const { state } = this
    if (state.at === 'deciding') {
      if (state.waiting.length < MAX_WAITING_MESSAGES) state.waiting.push(() => this.message(text))
      else this.refuse('impatient')
      return
    }
    const quick = state.at === 'in' ? readSignalText(text) : undefined
    if (state.at === 'in' && quick) {
      this.services.presence.hear(state.session)
      this.services.relay.signal(state.session, quick.to, quick.signal, quick.json)
      return
    }
    const message = decodeClientMessage(text)
    if (state.at === 'greeted' && isForeignVersion(text, message)) {
      this.answerLogin(refusal('unsupported-version'))
    } else if (!message) {
      this.refuse('malformed')
    } else if (state.at === 'greeted') {
      if (message.type === 'login') this.logIn(message, state.nonce)
      else this.refuse('not-a-login')
    } else if (state.at === 'in') {
      this.handle(message, state.session)
    }
  }

  private logIn(request: LoginRequest, nonce: Bytes): void {
    const waiting: (() => void)[] = []
    this.state = { at: 'deciding', waiting }
    const { loginGuard, log, tallies } = this.services
    loginGuard
      .decide(request, nonce, this.connection.address?.key, () => this.connection.isClosed)
      .then((decision) => this.answerLogin(decision))
      .then(() => waiting.forEach((act) => act()))
      .catch((error: unknown) => {
        log('error', 'A login could not be decided', { error: describeError(error) })
        tallies.logins.failed += 1
        this.refuse('server-failed')
      })
  }

  private answerLogin(decision: LoginDecision): void {
    const { clock, keys, turn, loginPolicy, presence, visits, subscriptions, tallies } = this.services
    if (decision.outcome === 'refused') {
      const { reason, message } = decision
      tallies.logins[reason] += 1
      this.state = { at: 'over' }
      this.say({ type: 'refused', reason, message })
      this.finish(closeCodes.refused, reason)
      return
    }
    if (decision.outcome === 'admitted') presence.end(decision.replaced, 'remote-login')
    else {
      visits.endAll(decision.session)
      subscriptions.endAll(decision.session)
    }
    const { session } = decision
    tallies.logins[decision.outcome] += 1
    this.say({
      type: 'loggedIn',
      credential: loginPolicy.office.issue(session),
      serverKeys: [...keys.publicKeys],
      loginTime: session.loginTime,
      time: clock.now(),
      ...turn.offer(session),
      ...(session.token && { token: session.token }),
    })
    this.state = { at: 'in', session }
    presence.connect(session, this.connection)
    if (decision.outcome === 'admitted') subscriptions.announce(session)
    loginPolicy.moderation.review(session)
  }

  private handle(message: ClientMessage, session: Session): void {
    const { presence, rosters, visits, subscriptions, relay, tokens, loginPolicy, turn } = this.services
    if (message.type !== 'goodbye') presence.hear(session)
    switch (message.type) {
      case 'join':
        if (!this.connection.charge(rosters.effortOf(session, message.channelId))) return
        return rosters.join(session, message.channelId, message.incarnation)
      case 'leave':
        if (!this.connection.charge(rosters.effortOf(session, message.channelId))) return
        return rosters.leave(session, message.channelId, message.incarnation)
      case 'visit':
        return visits.visit(session, message.request, message.channelId)
      case 'endVisit':
        return visits.end(session, message.channelId)
      case 'subscribe':
        if (!this.connection.charge(subscriptions.effortOf(message.userIds))) return
        return subscriptions.subscribe(session, message.userIds)
      case 'unsubscribe':
        if (!this.connection.charge(subscriptions.effortOf(message.userIds))) return
        return subscriptions.end(session, message.userIds)
      case 'count':
        return rosters.count(session, message.request, message.channelIds)
      case 'find':
        return relay.find(session, message.request, message.userIds)
      case 'signal':
        return relay.signal(session, message.to, message.signal)
      case 'renew':
        return session.send({
          type: 'credential',
          credential: loginPolicy.office.issue(session),
          ...turn.offer(session),
        })
      case 'renewToken':
        return tokens.renew(session, message.request, message.token)
      case 'goodbye':
        this.state = { at: 'over' }
        presence.depart(session)
        return session.end(closeCodes.normal, 'Goodbye')
      case 'login':
        return this.refuse('second-login')
      case 'pong':
        return
    }
  }

  closed(isByClient: boolean): void {
    const { state } = this
    if (state.at === 'deciding') {
      state.waiting.push(() => this.closed(isByClient))
      return
    }
    this.state = { at: 'over' }
    if (state.at === 'in') this.services.presence.disconnect(state.session, this.connection, isByClient)
  }

  private say(message: ServerMessage): void {
    this.connection.send(JSON.stringify(message))
  }
}

function isForeignVersion(text: string, message: ClientMessage | undefined): boolean {
  if (message) return message.type === 'login' && message.version !== PROTOCOL_VERSION
  const version = loginVersionIn(text)
  return version !== undefined && version !== PROTOCOL_VERSION
}
