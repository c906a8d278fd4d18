import type { Cancel, Clock } from '../base/clock.ts'
import type { SessionId, UserId } from '../base/ids.ts'
import type { Wakefulness } from '../base/wakefulness.ts'
import type { Peer } from '../protocol/peer.ts'
import type { Departure } from '../protocol/server-messages.ts'
import type { Rendezvous } from '../rendezvous/rendezvous.ts'
import type { Directory } from './directory.ts'
import { MAX_SUBSCRIPTIONS, timeouts } from './limits.ts'
import { type OnlineState, Sightings } from './sightings.ts'

export type SubscribeResult = 'ok' | 'timeout' | 'too-many-subscriptions' | 'failure'

export interface PeerStatus {
  readonly userId: UserId
  readonly state: OnlineState
}

export interface PresenceOptions {
  readonly clock: Clock
  readonly wakefulness: Wakefulness
  /** This session's user, who is online as long as the session lives. */
  readonly userId: UserId
  readonly directory: Directory
  readonly rendezvous: Pick<Rendezvous, 'subscribe' | 'unsubscribe' | 'isUp'>
  /** When something of a session last came over a link. */
  lastHeard(sessionId: SessionId): number | undefined
  /** The sessions of a user that this one has met. */
  peersOf(userId: UserId): readonly Peer[]
}

/** Which of those who are named are silent is told right after who is there. */
const SETTLE_MS = 50

interface Subscription {
  readonly sightings: Sightings
  /** Somebody has told whether the user is there. */
  isAnswered: boolean
  /** What the page was told last. */
  reported: OnlineState | undefined
}

interface Call {
  readonly userIds: readonly UserId[]
  /** Those who were not subscribed to before. */
  readonly added: Set<UserId>
  finish(result: SubscribeResult): void
}

/**
 * Users whose state the page wants to know, and what it was told of them.
 *
 *     subscribed --> somebody tells --> reported --> changed, at a check --> reported, all changes in one event
 *          \                                ^                |
 *           +-> 10 s: taken back            +----------------+
 */
export class Presence {
  private readonly subscriptions = new Map<UserId, Subscription>()
  /** Calls that wait for an answer. */
  private readonly calls = new Set<Call>()
  private cancelSettling: Cancel | undefined
  private stopWatching: Cancel | undefined

  constructor(
    private readonly options: PresenceOptions,
    private readonly report: (statuses: readonly PeerStatus[]) => void,
  ) {}

  /** Everybody who is subscribed to, once somebody has told of them. */
  get subscribed(): readonly UserId[] {
    return [...this.subscriptions].filter(([, { reported }]) => reported).map(([userId]) => userId)
  }

  /** All of these or none. After `ok` the state of each is reported, also of those who were subscribed to before. */
  subscribe(userIds: readonly UserId[], done: (result: SubscribeResult) => void): void {
    const { clock, rendezvous } = this.options
    const all = [...new Set(userIds)]
    const added = all.filter((userId) => !this.subscriptions.has(userId))
    if (this.subscriptions.size + added.length > MAX_SUBSCRIPTIONS) return done('too-many-subscriptions')
    for (const userId of added) this.subscriptions.set(userId, this.subscription(userId))
    const call: Call = {
      userIds: all,
      added: new Set(added),
      finish: (result) => {
        if (!this.calls.delete(call)) return
        cancelTimeout()
        done(result)
      },
    }
    const cancelTimeout = clock.after(timeouts.subscribeMs, () => this.takeBack(call))
    this.calls.add(call)
    this.watch()
    const others = added.filter((userId) => userId !== this.options.userId)
    if (others.length > 0) rendezvous.subscribe(others)
    this.settle()
  }

  unsubscribe(userIds: readonly UserId[]): void {
    const known = [...new Set(userIds)].filter((userId) => this.subscriptions.delete(userId))
    if (known.length > 0) this.options.rendezvous.unsubscribe(known)
    this.settle()
    this.rest()
  }

  /** What the rendezvous said of them may be out of date. */
  askAgain(): void {
    const others = [...this.subscriptions.keys()].filter((userId) => userId !== this.options.userId)
    if (others.length > 0) this.options.rendezvous.subscribe(others)
  }

  /** Which of these users the rendezvous knows to be there. */
  present(userIds: readonly UserId[], peers: readonly Peer[], mayRemove: boolean): void {
    const { clock, wakefulness, rendezvous } = this.options
    const now = wakefulness.now()
    for (const userId of userIds) {
      const subscription = this.subscriptions.get(userId)
      if (!subscription) continue
      const own = peers.filter((peer) => peer.userId === userId)
      subscription.sightings.replace(own, mayRemove, now)
      // While the server is away only those who are in another tab can be told of.
      if (rendezvous.isUp || own.length > 0) subscription.isAnswered = true
    }
    if (this.calls.size === 0) return
    this.cancelSettling ??= clock.after(SETTLE_MS, () => {
      this.cancelSettling = undefined
      this.settle()
    })
  }

  /** It has come, or is heard again, says the rendezvous. */
  vouched(peer: Peer): void {
    this.subscriptions.get(peer.userId)?.sightings.see(peer).vouched()
  }

  /** It was met on some path; only what comes over its link counts for it. */
  met(peer: Peer): void {
    this.subscriptions.get(peer.userId)?.sightings.see(peer)
  }

  unreachable(peer: Peer, silentMs: number): void {
    this.sighting(peer)?.unreachable(silentMs, this.options.wakefulness.now())
  }

  /** The rendezvous does not hear it any more. */
  lost(peer: Peer): void {
    this.sighting(peer)?.lost()
  }

  /** Its session is over. */
  ended(peer: Peer, why: Exclude<Departure, 'lost'>): void {
    this.subscriptions.get(peer.userId)?.sightings.end(peer, why, this.options.wakefulness.now())
  }

  rendezvousLost(): void {
    const now = this.options.wakefulness.now()
    for (const { sightings } of this.subscriptions.values()) sightings.rendezvousLost(now)
  }

  close(): void {
    for (const call of [...this.calls]) call.finish('failure')
    this.subscriptions.clear()
    this.rest()
  }

  private subscription(userId: UserId): Subscription {
    const { directory, userId: me, lastHeard, peersOf } = this.options
    const sightings = new Sightings(lastHeard)
    const known = directory.get(userId)
    // Who is looked for may be forgotten there, and was heard over a link a moment ago.
    for (const peer of known ? [known] : peersOf(userId)) sightings.see(peer)
    return { sightings, isAnswered: userId === me, reported: undefined }
  }

  private sighting(peer: Peer): ReturnType<Sightings['get']> {
    return this.subscriptions.get(peer.userId)?.sightings.get(peer)
  }

  /** Answers the calls that can be answered. */
  private settle(): void {
    for (const call of [...this.calls]) {
      if (!call.userIds.every((userId) => this.subscriptions.get(userId)?.isAnswered ?? true)) continue
      call.finish('ok')
      this.tell(call.userIds)
    }
  }

  /** Nobody could tell in time. Whom another call waits for as well stays until that one ends. */
  private takeBack(call: Call): void {
    call.finish('timeout')
    const unknown = [...call.added].filter((userId) => {
      const heir = [...this.calls].find(({ userIds }) => userIds.includes(userId))
      heir?.added.add(userId)
      return !heir && this.subscriptions.get(userId)?.reported === undefined
    })
    this.unsubscribe(unknown)
  }

  private watch(): void {
    const { clock, wakefulness } = this.options
    if (this.stopWatching) return
    const stopChecking = wakefulness.onPulse(() => this.check())
    const stopExcusing = wakefulness.onOverslept(() => {
      for (const { sightings } of this.subscriptions.values()) sightings.excuse(clock.now())
    })
    this.stopWatching = () => {
      stopChecking()
      stopExcusing()
    }
  }

  private check(): void {
    for (const [userId, subscription] of this.subscriptions) {
      // While the rendezvous is away nobody else can tell.
      const isHeard = !this.options.rendezvous.isUp && this.state(userId, subscription) === 'online'
      if (isHeard) subscription.isAnswered = true
    }
    this.settle()
    const changed = [...this.subscriptions].filter(
      ([userId, subscription]) =>
        subscription.reported !== undefined && subscription.reported !== this.state(userId, subscription),
    )
    this.tell(changed.map(([userId]) => userId))
  }

  private tell(userIds: readonly UserId[]): void {
    const statuses: PeerStatus[] = []
    for (const userId of userIds) {
      const subscription = this.subscriptions.get(userId)
      if (!subscription) continue
      const state = this.state(userId, subscription)
      subscription.reported = state
      statuses.push({ userId, state })
    }
    if (statuses.length > 0) this.report(statuses)
  }

  private state(userId: UserId, { sightings }: Subscription): OnlineState {
    return userId === this.options.userId ? 'online' : sightings.state(this.options.wakefulness.now())
  }

  /** Nothing is to be watched while nobody is subscribed to. */
  private rest(): void {
    if (this.subscriptions.size > 0) return
    this.stopWatching?.()
    this.stopWatching = undefined
    this.cancelSettling?.()
    this.cancelSettling = undefined
  }
}
