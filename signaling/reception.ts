import { randomUUID } from 'node:crypto'
import type { Duplex } from 'node:stream'

import { type Clock, systemClock } from '../src/base/clock.ts'
import { consoleLog, type Log } from '../src/base/logger.ts'
import { closeCodes } from '../src/protocol/server-messages.ts'
import { AddressRates } from './address-rates.ts'
import { type Address, Addresses } from './addresses.ts'
import { boundedLog } from './bounded-log.ts'
import { ClientAddresses } from './client-address.ts'
import type { Cluster, ClusterRooms } from './cluster/cluster.ts'
import { nobodyElse } from './colleagues.ts'
import { Connection, type ConnectionHouse, type ServedWebSocket } from './connection.ts'
import { Conversation, type Services } from './conversation.ts'
import { CredentialOffice } from './credential-office.ts'
import type { Directory } from './directory.ts'
import { Gate } from './gate.ts'
import { HouseKeeping } from './house-keeping.ts'
import { InProcessDirectory } from './in-process-directory.ts'
import { limitsOf, type Limits } from './limits.ts'
import { privateLog } from './log-privacy.ts'
import { LoginGuard } from './login-guard.ts'
import type { MetricSources } from './metrics.ts'
import { Moderation } from './moderation.ts'
import { NoticeOffice } from './notice-office.ts'
import { secretsOf, type SignalingServerOptions } from './options.ts'
import { Presence } from './presence.ts'
import { Readiness } from './readiness.ts'
import { misdeeds, type RefusalReason, refusals } from './refusals.ts'
import { Relay } from './relay.ts'
import { Rosters } from './rosters.ts'
import { startRounds } from './rounds.ts'
import { SessionTokens } from './session-tokens.ts'
import { KeyRing, randomServerKey, serverKeyOf } from './server-keys.ts'
import type { Stats } from './stats.ts'
import { Subscriptions } from './subscriptions.ts'
import { Tallies } from './tallies.ts'
import { type Apps, hasTokensOf007, tokenCheckFor } from './token-check.ts'
import { TurnOffice } from './turn.ts'
import { Visits } from './visits.ts'

/** Receives WebSockets from wherever they come, and holds everything that the server knows. */
export class Reception {
  readonly moderation: Moderation
  /** For every part of the server that may have a reason to take no new users. */
  readonly readiness = new Readiness()
  readonly tallies = new Tallies()
  readonly gate: Gate
  /** Counts by itself until it is given a Redis to share its counts through. */
  readonly rates: AddressRates
  readonly limits: Limits
  /** What it has to say itself; a sentence 10 times a minute at most. */
  readonly log: Log
  private readonly clock: Clock
  private readonly services: Services
  private readonly addresses: Addresses
  private readonly directory: Directory
  private readonly house: ConnectionHouse
  private openSockets = 0
  private readonly conversations = new Set<Conversation>()
  private readonly clusterRooms: ClusterRooms
  private readonly stopRounds: () => void
  private onEmpty: (() => void) | undefined

  constructor(
    options: SignalingServerOptions,
    private readonly cluster?: Cluster,
  ) {
    const { clock = systemClock, apps, iceServers, turn: turnOptions } = options
    const log = logOf(options)
    this.clock = clock
    this.log = log
    const limits = limitsOf(options.limits)
    this.limits = limits
    const { tallies } = this
    this.addresses = new Addresses(limits)
    this.rates = new AddressRates(limits, clock, log)
    const clientAddresses = new ClientAddresses(options.trustedProxies ?? [])
    this.gate = new Gate(clientAddresses, this.rates, tallies, limits, clock, log)
    warnOfAppIds(apps ?? {}, log)
    const directory = new InProcessDirectory(clock, limits)
    this.directory = directory
    const colleagues = cluster ?? nobodyElse
    const presence = new Presence(directory, clock, colleagues)
    const keys = keyRingFor(options.secret, log)
    const office = new CredentialOffice(keys, clock)
    const checkToken = tokenCheckFor(apps ?? {}, clock)
    const turn = new TurnOffice(iceServers, turnOptions, clock)
    warnOfTurnSecret(turnOptions?.secret, log)
    const tokens = new SessionTokens(checkToken, office, directory, presence, turn, tallies)
    this.moderation = new Moderation(directory, presence, new NoticeOffice(keys, clock), clock, colleagues)
    const rosters = new Rosters(directory, presence, limits, tallies, colleagues)
    const subscriptions = new Subscriptions(directory, presence, limits, tallies)
    const relay = new Relay(directory, colleagues)
    const boot = randomUUID()
    const loginPolicy = {
      appIds: apps && new Set(Object.keys(apps)),
      checkToken,
      moderation: this.moderation,
      office,
      claims: cluster?.claimsFor(directory) ?? directory,
    }
    this.services = {
      clock,
      log,
      limits,
      tallies,
      // Who knows that more are there than this server does takes nobody out of its rosters.
      get boot() {
        return cluster && !cluster.isComplete ? randomUUID() : boot
      },
      keys,
      turn,
      presence,
      rosters,
      visits: new Visits(directory, colleagues),
      subscriptions,
      relay,
      tokens,
      loginPolicy,
      loginGuard: new LoginGuard(loginPolicy, this.rates, clock, limits),
    }
    this.clusterRooms = { directory, presence, rosters, subscriptions, relay, moderation: this.moderation }
    const { messagesPerSecondPerAddress } = limits
    const houseKeeping = new HouseKeeping(
      this.addresses,
      this.rates,
      tallies,
      log,
      messagesPerSecondPerAddress,
      clock.now(),
    )
    this.house = {
      clock,
      limits,
      log,
      tallies,
      refused: (reason, address) => this.refused(reason, address),
      left: (connection) => this.left(connection),
    }
    this.stopRounds = startRounds(clock, this.conversations, presence, tokens, (now) =>
      houseKeeping.keep(now),
    )
  }

  /** Resolves when it knows what the other nodes of its cluster know, if they can be reached. */
  async open(): Promise<void> {
    const { cluster } = this
    if (!cluster) return
    this.rates.shareThrough(cluster.bus.store)
    await cluster.open(this.clusterRooms, (reason) => this.readiness.report('redis', reason))
  }

  stats(): Stats {
    const { relayedSignals, undeliverableSignals } = this.services.relay
    return { openSockets: this.openSockets, relayedSignals, undeliverableSignals }
  }

  get metricSources(): MetricSources {
    const { addresses, conversations, directory, readiness, tallies } = this
    const { relay, rosters } = this.services
    return {
      tallies,
      relay,
      rosters,
      directory,
      readiness,
      openSockets: () => this.openSockets,
      addresses: () => addresses.size,
      queuedBytes: () => Array.from(conversations, (conversation) => conversation.queuedBytes),
    }
  }

  /** `stream`: what the socket is on; `key`: the address under which it is counted. */
  receive(socket: ServedWebSocket, stream: Duplex, key?: string): void {
    const { addresses, clock, house, limits, tallies } = this
    this.openSockets += 1
    tallies.connections += 1
    const address = key === undefined ? undefined : addresses.enter(key, clock.now())
    const connection = new Connection(socket, stream, house, address)
    if (this.onEmpty) {
      connection.end(closeCodes.restart, RESTART_SENTENCE)
    } else if (key !== undefined && !address) {
      connection.refuse('address-full')
    } else if (this.openSockets > limits.maxSockets) {
      connection.refuse('server-full')
    } else {
      this.conversations.add(new Conversation(connection, this.services))
    }
  }

  private refused(reason: RefusalReason, address: Address | undefined): void {
    this.tallies.refuse(reason)
    if (address && misdeeds.has(reason)) void this.rates.misdeed(address.key)
  }

  private left({ address, listener }: Connection): void {
    if (address) this.addresses.leave(address)
    if (listener instanceof Conversation) this.conversations.delete(listener)
    this.openSockets -= 1
    if (this.openSockets === 0) this.onEmpty?.()
  }

  /** Resolves when every socket is closed; those that do not answer are destroyed after a short grace. */
  async close(): Promise<void> {
    this.stopRounds()
    this.readiness.report('shutdown', 'This server shuts down')
    this.services.loginGuard.close()
    const empty = new Promise<void>((resolve) => (this.onEmpty = resolve))
    // First, so that the others know why these sessions have lost their sockets.
    await this.cluster?.close()
    if (this.openSockets === 0) return
    for (const conversation of this.conversations) conversation.finish(closeCodes.restart, RESTART_SENTENCE)
    await empty
  }
}

/** What a server and its parts log through. */
export function logOf({ log = consoleLog, clock = systemClock }: SignalingServerOptions): Log {
  return boundedLog(privateLog(log), clock)
}

const RESTART_SENTENCE = refusals['shutting-down'].sentence

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
