import type { Clock } from '../base/clock.ts'
import type { ChannelId, SessionId, UserId } from '../base/ids.ts'
import type { Log } from '../base/logger.ts'
import { decodeNeighbourMessage, encodeNeighbourMessage, MAX_ASKED } from '../protocol/neighbour-messages.ts'
import type { Peer } from '../protocol/peer.ts'
import type { Neighbourhood } from './neighbourhood.ts'
import { NeighbourJoins } from './neighbours-joins.ts'
import { NeighbourQuestions } from './neighbours-questions.ts'
import { NeighbourRates } from './neighbours-rates.ts'
import { NeighbourRounds } from './neighbours-rounds.ts'
import { NeighbourRoutes } from './neighbours-routes.ts'
import { NeighbourSearch } from './neighbours-search.ts'
import { NeighbourService } from './neighbours-service.ts'
import { NeighbourWord } from './neighbours-word.ts'
import type { Rendezvous, RendezvousEvents } from './rendezvous.ts'

export interface NeighboursOptions {
  readonly clock: Clock
  readonly log: Log
  readonly neighbourhood: Neighbourhood
}

/** One question goes to so many: who has more links is known to most whom it could look for. */
const MAX_ASKED_NEIGHBOURS = 32
/** Answers about users; a neighbour that is alive answers in the time of one way there and back. */
const FIND_MS = 1_000
/** Answers about channels are news also when they are late. */
const CHANNELS_MS = 5_000

/**
 * The rendezvous of those who are linked: each introduces the users that it is linked to, and passes signals on to
 * them. It serves others at any time, and asks them itself while the server is away (`standIn`). Nobody here knows
 * everybody: who is not found may be elsewhere, and who is named as a member may have left.
 *
 * What a neighbour says counts as far as a server has signed it: who it introduces, and who has sent what it passes
 * on. A session that no server has accepted neither asks nor is introduced.
 */
export class Neighbours implements Rendezvous {
  private me: Peer | undefined
  private credential = ''
  private state: 'in' | 'paused' | 'closed' = 'in'
  private isStandingIn = false
  private readonly channels = new Map<ChannelId, number>()
  /** Joins whose roster has not come from anywhere. */
  private readonly unanswered = new Set<ChannelId>()
  private readonly rates: NeighbourRates
  private readonly word: NeighbourWord
  private readonly service: NeighbourService
  private readonly questions: NeighbourQuestions
  private readonly routes: NeighbourRoutes
  private readonly search: NeighbourSearch
  private readonly joins: NeighbourJoins
  private readonly rounds: NeighbourRounds

  constructor(
    private readonly options: NeighboursOptions,
    private readonly events: RendezvousEvents,
  ) {
    const { clock, neighbourhood } = options
    this.rates = new NeighbourRates(clock)
    this.service = new NeighbourService(neighbourhood, this.rates, () =>
      this.me ? { peer: this.me, credential: this.credential, channels: this.channels } : undefined,
    )
    this.questions = new NeighbourQuestions(clock, neighbourhood)
    this.routes = new NeighbourRoutes(
      clock,
      neighbourhood,
      (userIds) => this.search.find(userIds),
      (to) => events.undeliverable(to),
    )
    this.word = new NeighbourWord(
      neighbourhood,
      this.rates,
      this.questions,
      this.routes,
      () => this.me?.userId,
      (from, signal) => this.state === 'in' && events.signal(from, signal, 'neighbours'),
    )
    this.joins = new NeighbourJoins(clock, {
      introduced: events.introduced,
      roster: (channelId, ...roster) => {
        this.unanswered.delete(channelId)
        events.roster(channelId, ...roster)
      },
    })
    this.rounds = new NeighbourRounds(clock, neighbourhood, this.channels, (to, channelIds) =>
      this.askForChannels(to, channelIds),
    )
    this.search = new NeighbourSearch(clock, (question) =>
      this.questions.ask({ ...question, to: this.asked, lifeMs: FIND_MS }),
    )
  }

  get name(): string {
    const { length } = this.options.neighbourhood.near
    return `neighbours: ${length} ${length === 1 ? 'user' : 'users'}`
  }

  /** There is somebody who can be asked, and to whom this session can prove who it is. */
  get isUp(): boolean {
    return this.state === 'in' && this.me !== undefined && this.options.neighbourhood.near.length > 0
  }

  /** Whether neighbours are being asked who is in this channel, so that a join waits for them. */
  isAsking(channelId: ChannelId): boolean {
    return this.isUp && this.joins.has(channelId)
  }

  /** A server has accepted this session, or renewed what proves it. */
  show(me: Peer, credential: string): void {
    this.me = me
    this.credential = credential
  }

  renew(credential: string): void {
    this.credential = credential
  }

  /** The server is away: what it was asked is asked here. */
  standIn(): void {
    if (!this.me) return
    this.isStandingIn = true
    if (this.state === 'in') this.begin()
  }

  /** The server is back: its word counts. */
  standBack(): void {
    this.isStandingIn = false
    this.rounds.stop()
    this.joins.clear()
  }

  join(channelId: ChannelId, incarnation: number): void {
    this.channels.set(channelId, incarnation)
    this.unanswered.add(channelId)
    if (this.isStandingIn && this.state === 'in') this.askForJoins()
  }

  /** The join was answered, here or elsewhere. */
  answered(channelId: ChannelId): void {
    this.unanswered.delete(channelId)
    this.joins.end(channelId)
  }

  leave(channelId: ChannelId, incarnation: number): void {
    if ((this.channels.get(channelId) ?? Infinity) > incarnation) return
    this.channels.delete(channelId)
    this.answered(channelId)
  }

  find(userIds: readonly UserId[]): Promise<readonly Peer[] | undefined> {
    return this.isUp ? this.search.find(userIds) : Promise.resolve(undefined)
  }

  /** Neighbours know of members only. */
  visit(channelId: ChannelId): Promise<readonly Peer[] | undefined> {
    return this.isUp ? this.search.holders(channelId) : Promise.resolve(undefined)
  }

  endVisit(): void {
    return
  }

  subscribe(): void {
    return
  }

  unsubscribe(): void {
    return
  }

  count(): Promise<readonly number[] | undefined> {
    return Promise.resolve(undefined)
  }

  probe(): void {
    return
  }

  relay(to: SessionId, signal: string): boolean {
    return this.isUp && this.routes.send(to, signal)
  }

  /** A signal that goes another way first, and may come back from there. */
  keep(to: SessionId, signal: string): void {
    this.routes.keep(to, signal)
  }

  /** Passes on what was kept for this session, as it was undeliverable elsewhere. False if nobody here knows it. */
  takeOver(to: SessionId): boolean {
    return this.isUp && this.routes.sendKept(to)
  }

  /** Tells neighbours what a server has signed, all of them or one. */
  spread(notice: string, to?: SessionId): void {
    const { neighbourhood } = this.options
    const message = encodeNeighbourMessage({ kind: 'notice', notice })
    const all = to === undefined ? neighbourhood.near.map(({ sessionId }) => sessionId) : [to]
    for (const sessionId of all) neighbourhood.tell(sessionId, message)
  }

  /** There is a new neighbour. It may know members whom nobody else does. */
  linked({ sessionId }: Peer): void {
    const isNear = this.options.neighbourhood.near.some((peer) => peer.sessionId === sessionId)
    if (this.isStandingIn && this.isUp && isNear) this.askForChannels([sessionId], [...this.channels.keys()])
  }

  unlinked({ sessionId }: Peer): void {
    this.questions.lost(sessionId)
  }

  heard(from: Peer, bytes: Uint8Array): void {
    if (this.state !== 'in') return
    const message = decodeNeighbourMessage(bytes)
    switch (message?.kind) {
      case 'ask':
        return this.service.answer(from, message)
      case 'signal':
        return this.service.passOn(from, message)
      case 'answer':
        return this.word.answer(from, message)
      case 'passed-on':
        return this.word.passedOn(from, message)
      case 'undeliverable':
        return this.routes.refused(message.to, from.sessionId)
      case 'notice':
        if (this.rates.credentials(from.sessionId, 1)) this.events.notice(message.notice)
        return
      case undefined:
        return this.options.log('info', 'A message of a neighbour that cannot be decoded was ignored', {
          from: from.userId,
        })
    }
  }

  pause(): void {
    this.giveUp()
    this.state = 'paused'
  }

  resume(): void {
    if (this.state !== 'paused') return
    this.state = 'in'
    if (this.isStandingIn) this.begin()
  }

  goodbye(): void {
    this.giveUp()
    this.state = 'closed'
    this.isStandingIn = false
  }

  private begin(): void {
    this.rounds.begin()
    this.askForJoins()
  }

  private giveUp(): void {
    this.rounds.stop()
    this.joins.clear()
    this.search.giveUp()
    this.questions.giveUp()
    this.routes.clear()
  }

  private get asked(): readonly SessionId[] {
    return this.options.neighbourhood.near.slice(0, MAX_ASKED_NEIGHBOURS).map(({ sessionId }) => sessionId)
  }

  /** Joins that nobody has answered, each once. */
  private askForJoins(): void {
    const waiting = [...this.unanswered].filter((channelId) => !this.joins.has(channelId))
    for (const channelId of waiting) this.joins.begin(channelId, this.channels.get(channelId) ?? 0)
    if (waiting.length > 0 && this.isUp) this.askForChannels(this.asked, waiting)
  }

  private askForChannels(to: readonly SessionId[], channelIds: readonly ChannelId[]): void {
    if (channelIds.length === 0) return
    this.questions.ask({
      to,
      userIds: [],
      channelIds: channelIds.slice(0, MAX_ASKED),
      lifeMs: CHANNELS_MS,
      answered: (introduced) => this.isStandingIn && this.joins.named(introduced),
      over: () => {
        for (const channelId of channelIds) this.joins.finish(channelId)
      },
    })
  }
}
