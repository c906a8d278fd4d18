import { randomUUID } from 'node:crypto'

import type { WebSocket } from 'ws'

import { type Clock, systemClock } from '../src/base/clock.ts'
import { consoleLog, type Log } from '../src/base/logger.ts'
import { closeCodes } from '../src/protocol/server-messages.ts'
import { Connection } from './connection.ts'
import { Conversation, type Services } from './conversation.ts'
import { CredentialOffice } from './credential-office.ts'
import { InProcessDirectory } from './in-process-directory.ts'
import { defaultLimits, type Limits } from './limits.ts'
import { Moderation } from './moderation.ts'
import { NoticeOffice } from './notice-office.ts'
import { secretsOf, type SignalingServerOptions } from './options.ts'
import { Presence } from './presence.ts'
import { Readiness } from './readiness.ts'
import { Relay } from './relay.ts'
import { Rosters } from './rosters.ts'
import { startRounds } from './rounds.ts'
import { SessionTokens } from './session-tokens.ts'
import { KeyRing, randomServerKey, serverKeyOf } from './server-keys.ts'
import type { Stats } from './stats.ts'
import { Subscriptions } from './subscriptions.ts'
import { type Apps, hasTokensOf007, tokenCheckFor } from './token-check.ts'
import { TurnOffice } from './turn.ts'
import { Visits } from './visits.ts'

/** Receives WebSockets from wherever they come, and holds everything that the server knows. */
export class Reception {
  readonly moderation: Moderation
  /** For every part of the server that may have a reason to take no new users. */
  readonly readiness = new Readiness()
  private readonly clock: Clock
  private readonly limits: Limits
  private readonly log: Log
  private readonly services: Services
  private readonly sockets = new Set<WebSocket>()
  private readonly conversations = new Set<Conversation>()
  private readonly stopRounds: () => void
  private onEmpty: (() => void) | undefined

  constructor(options: SignalingServerOptions) {
    const { clock = systemClock, log = consoleLog, apps, iceServers, turn: turnOptions } = options
    this.clock = clock
    this.log = log
    this.limits = { ...defaultLimits, ...options.limits }
    warnOfAppIds(apps ?? {}, log)
    const directory = new InProcessDirectory(clock, this.limits)
    const presence = new Presence(directory, clock)
    const keys = keyRingFor(options.secret, log)
    const office = new CredentialOffice(keys, clock)
    const checkToken = tokenCheckFor(apps ?? {}, clock)
    const turn = new TurnOffice(iceServers, turnOptions, clock)
    warnOfTurnSecret(turnOptions?.secret, log)
    const tokens = new SessionTokens(checkToken, office, directory, presence, turn)
    this.moderation = new Moderation(directory, presence, new NoticeOffice(keys, clock), clock)
    this.services = {
      clock,
      log,
      boot: randomUUID(),
      keys,
      turn,
      presence,
      rosters: new Rosters(directory, presence),
      visits: new Visits(directory),
      subscriptions: new Subscriptions(directory, presence),
      relay: new Relay(directory),
      tokens,
      loginPolicy: {
        appIds: apps && new Set(Object.keys(apps)),
        checkToken,
        moderation: this.moderation,
        office,
        claims: directory,
      },
    }
    this.stopRounds = startRounds(clock, this.conversations, presence, tokens)
  }

  stats(): Stats {
    const { relayedSignals, undeliverableSignals } = this.services.relay
    return { openSockets: this.sockets.size, relayedSignals, undeliverableSignals }
  }

  receive(socket: WebSocket): void {
    this.sockets.add(socket)
    const connection = new Connection(socket, this.clock, this.limits, this.log)
    if (this.onEmpty) {
      connection.end(closeCodes.restart, RESTART_SENTENCE)
    } else if (this.sockets.size > this.limits.maxSockets) {
      connection.end(closeCodes.overload, 'This server is full: try again later, or another server')
    } else {
      const conversation = new Conversation(connection, this.services)
      this.conversations.add(conversation)
      socket.on('close', () => this.conversations.delete(conversation))
    }
    socket.on('close', () => {
      this.sockets.delete(socket)
      if (this.sockets.size === 0) this.onEmpty?.()
    })
  }

  /** Resolves when every socket is closed; those that do not answer are destroyed after a short grace. */
  async close(): Promise<void> {
    this.stopRounds()
    this.readiness.report('shutdown', 'This server shuts down')
    const empty = new Promise<void>((resolve) => (this.onEmpty = resolve))
    if (this.sockets.size === 0) return
    for (const conversation of this.conversations) conversation.finish(closeCodes.restart, RESTART_SENTENCE)
    await empty
  }
}

const RESTART_SENTENCE = 'The server restarts: come back in a moment'

/** Anything shorter can be guessed from the public key. */
const MIN_SECRET_LENGTH = 16

function keyRingFor(secret: SignalingServerOptions['secret'], log: Log): KeyRing {
  const secrets = secretsOf(secret)
  const [first, ...others] = secrets
  if (first === undefined) {
    log('info', 'No secret is given: credentials are signed with a random key and end with this process')
    return new KeyRing(randomServerKey())
  }
  if (secrets.some((each) => each.length < MIN_SECRET_LENGTH)) {
    log('warn', `A secret has fewer than ${MIN_SECRET_LENGTH} characters: others may guess it and be anybody`)
  }
  return new KeyRing(serverKeyOf(first), others.map(serverKeyOf))
}

/** Each client has a text and its HMAC to try guesses with. */
function warnOfTurnSecret(secret: string | undefined, log: Log): void {
  if (secret === undefined || secret.length >= MIN_SECRET_LENGTH) return
  const sentence = 'and use the TURN servers as they like'
  log(
    'warn',
    `The TURN secret has fewer than ${MIN_SECRET_LENGTH} characters: others may guess it, ${sentence}`,
  )
}

function warnOfAppIds(apps: Apps, log: Log): void {
  for (const [appId, { certificate }] of Object.entries(apps)) {
    if (certificate === undefined || hasTokensOf007(appId)) continue
    const sentence = 'Only tokens of version 006 are made for an app id that is not 32 hexadecimal digits'
    log('warn', sentence, { appId })
  }
}
