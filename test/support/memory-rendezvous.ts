import type { Cancel } from '../../src/base/clock.ts'
import type { ChannelId, SessionId, UserId } from '../../src/base/ids.ts'
import type { Member, Peer } from '../../src/protocol/peer.ts'
import type { EndReason, LoginRefusal } from '../../src/protocol/server-messages.ts'
import type { Announcement, RendezvousEvents, ServedRendezvous } from '../../src/rendezvous/rendezvous.ts'
import { isTokenFault } from '../../src/rendezvous/server-login.ts'
import { ServerToken, type TokenOutcome } from '../../src/rendezvous/server-token.ts'
import type { MemoryRealm, Visitor } from './memory-realm.ts'

const RETRY_MS = 500
/** After a realm forgot everybody its rosters fill up again. */
const ROSTERS_FILL_MS = 30_000

/** One session's way into a `MemoryRealm`: everything takes its delay, in order. */
export class MemoryRendezvous implements ServedRendezvous, Visitor {
  readonly name = 'memory'
  isUp = false
  /** Whether this session alone cannot return to the realm. */
  isCutOff = false
  private isClosed = false
  /** A first login was refused: another token may revive it. */
  private isRefused = false
  private readonly token: ServerToken
  private shownToken: string | null = null
  private isPaused = false
  /** Another one with each loss and each try: nothing that was under way comes over a later one. */
  connection = 0
  private cancelRetry: Cancel = () => undefined
  /** Until the next try. */
  private isWaiting = false
  private loginTime: number | undefined
  private boot: number | undefined
  private mayRemoveFrom = 0
  private readonly incarnations = new Map<ChannelId, number>()
  /** Channels that were left while this was away. */
  private readonly leaves = new Map<ChannelId, number>()
  private readonly visits = new Set<ChannelId>()
  private readonly subscriptions = new Set<UserId>()

  constructor(
    private readonly realm: MemoryRealm,
    private readonly announcement: Announcement,
    private readonly events: RendezvousEvents,
  ) {
    this.token = new ServerToken(announcement.token)
    realm.visitors.add(this)
    this.connect()
  }

  renewToken(token: string): Promise<TokenOutcome> {
    const answer = this.token.offer(token)
    const offered = this.isUp ? this.token.ask() : undefined
    if (offered) this.send(() => this.judge(offered))
    else if (this.isRefused) {
      this.isRefused = this.isClosed = false
      this.realm.visitors.add(this)
      this.connect()
    } else this.probe()
    return answer
  }

  private judge(offered: NonNullable<ReturnType<ServerToken['ask']>>): void {
    const { clock, clockOffsetMs, issuer } = this.realm
    const announcement = { ...this.announcement, token: offered.token }
    const fault = this.realm.refusal(announcement)
    this.deliver(({ renewed }) => {
      if (fault && isTokenFault(fault)) return this.token.judged(offered, fault)
      const credential = issuer.issue(announcement, this.loginTime ?? 0, clock.now() + clockOffsetMs)
      renewed(credential, this.realm.termsOf(offered.token))
      this.token.judged(offered, 'ok')
    })
  }

  join(channelId: ChannelId, incarnation: number): void {
    this.incarnations.set(channelId, incarnation)
    this.visits.delete(channelId)
    this.send(() => this.realm.join(this, channelId, incarnation))
  }

  leave(channelId: ChannelId, incarnation: number): void {
    if (this.incarnations.get(channelId) === incarnation) this.incarnations.delete(channelId)
    if (this.isUp) this.send(() => this.realm.leave(this, channelId, incarnation))
    else this.leaves.set(channelId, incarnation)
  }

  find(userIds: readonly UserId[]): Promise<readonly Peer[] | undefined> {
    if (!this.isUp) return Promise.resolve(undefined)
    const { clock, delayMs } = this.realm
    return new Promise((resolve) => {
      clock.after(2 * delayMs, () => {
        if (!this.isUp || !this.realm.answersFinds) resolve(undefined)
        else resolve(this.realm.find(userIds))
      })
    })
  }

  visit(channelId: ChannelId): Promise<readonly Peer[] | undefined> {
    if (!this.incarnations.has(channelId)) this.visits.add(channelId)
    if (!this.isUp) return Promise.resolve(undefined)
    const { clock, delayMs } = this.realm
    return new Promise((resolve) => {
      let holders: readonly Peer[] | undefined
      this.send(() => {
        holders = this.realm.visit(this, channelId)
      })
      clock.after(2 * delayMs, () => resolve(this.isUp ? holders : undefined))
    })
  }

  endVisit(channelId: ChannelId): void {
    this.visits.delete(channelId)
    this.send(() => this.realm.endVisit(this, channelId))
  }

  subscribe(userIds: readonly UserId[]): void {
    for (const userId of userIds) this.subscriptions.add(userId)
    this.send(() => this.realm.subscribe(this, userIds))
  }

  unsubscribe(userIds: readonly UserId[]): void {
    for (const userId of userIds) this.subscriptions.delete(userId)
    this.send(() => this.realm.unsubscribe(this, userIds))
  }

  count(channelIds: readonly ChannelId[]): Promise<readonly number[] | undefined> {
    if (!this.isUp) return Promise.resolve(undefined)
    const { connection } = this
    const { clock, delayMs } = this.realm
    return new Promise((resolve) => {
      clock.after(2 * delayMs, () =>
        resolve(this.connection === connection && this.isUp ? this.realm.count(channelIds) : undefined),
      )
    })
  }

  /** Its connections never die unnoticed; one that is waited for is tried at once. */
  probe(): void {
    if (!this.isWaiting || this.isClosed || this.isPaused) return
    this.cancelRetry()
    this.connect()
  }

  relay(to: SessionId, signal: string): boolean {
    if (!this.isUp) return false
    this.send(() => this.realm.relay(this, to, signal))
    return true
  }

  pause(): void {
    if (this.isRefused) return
    const wasUp = this.isUp
    this.isPaused = true
    this.realm.goodbye(this)
    this.isUp = false
    this.connection += 1
    this.cancelRetry()
    if (wasUp) this.events.down()
  }

  resume(): void {
    if (this.isRefused) return
    this.isPaused = false
    this.connect()
  }

  goodbye(): void {
    this.realm.goodbye(this)
    this.close()
  }

  /** The connection breaks; this side returns by itself. */
  lose(): void {
    if (this.isClosed || this.isPaused) return
    const wasUp = this.isUp
    this.realm.lost(this)
    this.isUp = false
    this.connection += 1
    this.token.lost()
    this.cancelRetry()
    this.tryLater()
    if (wasUp) this.events.down()
  }

  /** The page is gone: the realm's clock for it starts, nobody hears anything more of it. */
  crash(): void {
    this.realm.lost(this)
    this.close()
  }

  deliver(tell: (events: RendezvousEvents) => void): void {
    const { connection } = this
    this.realm.clock.after(this.realm.delayMs, () => {
      if (!this.isClosed && this.connection === connection) tell(this.events)
    })
  }

  deliverRoster(channelId: ChannelId, incarnation: number, members: readonly Member[]): void {
    this.deliver(({ roster }) =>
      roster(channelId, incarnation, members, this.realm.clock.now() >= this.mayRemoveFrom),
    )
  }

  deliverPresence(userIds: readonly UserId[], peers: readonly Peer[]): void {
    this.deliver(({ presence }) => presence(userIds, peers, this.realm.clock.now() >= this.mayRemoveFrom))
  }

  welcome(me: Peer, boot: number): void {
    const { clock, clockOffsetMs, issuer } = this.realm
    const credential = issuer.issue(this.announcement, me.loginTime, clock.now() + clockOffsetMs)
    this.deliver(({ up }) => {
      if (this.boot !== undefined && this.boot !== boot) this.mayRemoveFrom = clock.now() + ROSTERS_FILL_MS
      this.boot = boot
      this.loginTime = me.loginTime
      this.isUp = true
      up({
        me,
        credential,
        serverKeys: [issuer.publicKey],
        clockOffsetMs,
        iceServers: undefined,
        token: this.realm.termsOf(this.shownToken),
      })
      this.token.shown('ok')
      for (const [channelId, incarnation] of this.leaves) this.leave(channelId, incarnation)
      this.leaves.clear()
      for (const [channelId, incarnation] of this.incarnations) this.join(channelId, incarnation)
      for (const channelId of this.visits) this.send(() => this.realm.visit(this, channelId))
      const subscriptions = [...this.subscriptions]
      if (subscriptions.length > 0) this.send(() => this.realm.subscribe(this, subscriptions))
    })
  }

  refuse(reason: LoginRefusal, sentence: string): void {
    this.deliver(({ refused, tokenRefused }) => {
      if (isTokenFault(reason)) {
        this.token.shown(reason)
        if (!this.token.isSpent) return this.connect()
        if (this.loginTime !== undefined) {
          tokenRefused()
          return this.tryLater()
        }
      }
      this.close()
      this.isRefused = true
      refused(reason, sentence)
    })
  }

  end(reason: EndReason, notice?: string): void {
    this.deliver(({ ended, notice: note }) => {
      this.close()
      if (notice !== undefined) note(notice)
      ended(reason, `Ended: ${reason}`)
    })
  }

  private connect(): void {
    const connection = ++this.connection
    this.isWaiting = false
    this.cancelRetry = this.realm.clock.after(this.realm.delayMs, () => {
      if (!this.realm.isUp || this.isCutOff) this.tryLater()
      else if (this.connection === connection) {
        this.shownToken = this.token.show()
        this.realm.login(this, { ...this.announcement, token: this.shownToken }, this.loginTime)
      }
    })
  }

  private tryLater(): void {
    this.isWaiting = true
    this.cancelRetry = this.realm.clock.after(RETRY_MS, () => this.connect())
  }

  private send(act: () => void): void {
    if (!this.isUp) return
    const { connection } = this
    this.realm.clock.after(this.realm.delayMs, () => {
      if (!this.isClosed && this.connection === connection) act()
    })
  }

  private close(): void {
    this.isClosed = true
    this.isUp = false
    this.cancelRetry()
    this.realm.visitors.delete(this)
  }
}
