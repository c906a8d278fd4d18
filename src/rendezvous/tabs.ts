import type { Clock } from '../base/clock.ts'
import type { Crypto } from '../base/crypto.ts'
import type { ChannelId, SessionId, UserId } from '../base/ids.ts'
import type { Log } from '../base/logger.ts'
import type { Peer } from '../protocol/peer.ts'
import type { TabMessage, TabSession } from '../protocol/tab-messages.ts'
import { localCredential } from './local-credential.ts'
import type { Announcement, Rendezvous, RendezvousEvents } from './rendezvous.ts'
import { SubscribedUsers } from './subscribed-users.ts'
import { TabsArrival } from './tabs-arrival.ts'
import { type Broadcast, TabsBroadcast } from './tabs-broadcast.ts'
import { TabsPulse } from './tabs-pulse.ts'
import { TabsSelf } from './tabs-self.ts'
import { isLaterArrival, peerOf, TabsView } from './tabs-view.ts'

export interface TabsOptions {
  /** Tabs of another realm are not seen. */
  readonly realm: string
  readonly announcement: Announcement
  readonly clock: Clock
  readonly log: Log
  readonly sha256: Crypto['sha256']
  readonly openBroadcast: (name: string) => Broadcast
}

interface Presence {
  readonly at: 'in'
  readonly broadcast: TabsBroadcast
  readonly arrival: TabsArrival
  readonly pulse: TabsPulse
  /** It has been welcomed, here or by a server. */
  isUp: boolean
}

type State = { readonly at: 'out' } | Presence | { readonly at: 'paused' } | { readonly at: 'closed' }

/**
 * The rendezvous of tabs of one origin. Nobody keeps it: each tab has its own view of all the others, which answer for
 * themselves. Nothing is said before `logIn` or `show`.
 */
export class TabsRendezvous implements Rendezvous {
  readonly name = 'tabs of this browser'
  /** The other tabs. */
  readonly view: TabsView
  private readonly self: TabsSelf
  private readonly subscriptions = new SubscribedUsers()
  private state: State = { at: 'out' }

  constructor(
    private readonly options: TabsOptions,
    private readonly events: RendezvousEvents,
  ) {
    this.self = new TabsSelf(options.announcement)
    const { channels } = this.self
    const isJoined = (channelId: ChannelId): boolean => channels.has(channelId)
    this.view = new TabsView(options.clock, isJoined, (userId) => this.isAwaited(userId), events)
  }

  get isUp(): boolean {
    return this.state.at === 'in' && this.state.isUp
  }

  /** A session that no server has accepted. It is welcome with a credential of its own making, whoever else is here. */
  logIn(): void {
    if (this.state.at !== 'out') return
    this.self.come(this.options.clock.now())
    this.enter(true)
  }

  /** A server has accepted it: now, if it was local before, or for the first time. There is no welcome for that. */
  show({ loginTime }: Peer): void {
    const { state } = this
    if (state.at === 'out') this.self.come(this.options.clock.now())
    const isNews = this.self.accepted(loginTime)
    if (state.at === 'out') return this.enter(true)
    if (state.at !== 'in' || !isNews) return
    state.isUp = true
    this.sayState()
  }

  join(channelId: ChannelId, incarnation: number): void {
    const outcome = this.self.join(channelId, incarnation)
    if (outcome === 'joined') this.sayState()
    if (outcome === 'too-many') void this.refuseJoin(channelId, incarnation)
    else if (outcome !== 'late') void this.tellRoster(channelId, incarnation, true)
  }

  leave(channelId: ChannelId, incarnation: number): void {
    if (this.self.leave(channelId, incarnation)) this.sayState()
  }

  async find(userIds: readonly UserId[]): Promise<readonly Peer[] | undefined> {
    return (await this.isKnown()) ? this.present(userIds) : undefined
  }

  async visit(channelId: ChannelId): Promise<readonly Peer[] | undefined> {
    if (this.self.visit(channelId)) this.sayState()
    return (await this.isKnown()) ? this.view.holders(channelId) : undefined
  }

  endVisit(channelId: ChannelId): void {
    if (this.self.endVisit(channelId)) this.sayState()
  }

  subscribe(userIds: readonly UserId[]): void {
    void this.tellPresence(this.subscriptions.begin(userIds))
  }

  unsubscribe(userIds: readonly UserId[]): void {
    this.subscriptions.end(userIds)
  }

  async count(channelIds: readonly ChannelId[]): Promise<readonly number[] | undefined> {
    if (!(await this.isKnown())) return undefined
    return channelIds.map((id) => this.view.members(id).length + (this.self.channels.has(id) ? 1 : 0))
  }

  /** Whoever is here answers by itself. */
  probe(): void {
    if (this.state.at === 'in') this.state.pulse.probe()
  }

  relay(to: SessionId, signal: string): boolean {
    if (!this.isUp) return false
    void this.deliver(to, signal)
    return true
  }

  /**
   * Who is in the channels that this session is in, and who of the users subscribed to is here, once more, as soon as
   * that is known.
   */
  tellAgain(mayRemove: boolean): void {
    void this.tellPresence(this.subscriptions.all)
    for (const [id, incarnation] of this.self.channels) void this.tellRoster(id, incarnation, mayRemove)
  }

  /** An open broadcast channel keeps a page out of the back/forward cache. */
  pause(): void {
    if (this.state.at !== 'in') return
    const { isUp } = this.state
    this.exit('goodbye', { at: 'paused' })
    this.view.clear()
    if (isUp) this.events.down()
  }

  /** As the session that it was: one of its user that came meanwhile is the later one. Who went meanwhile is gone. */
  resume(): void {
    if (this.state.at !== 'paused') return
    this.enter(false)
    this.tellAgain(true)
  }

  goodbye(): void {
    this.exit('goodbye', { at: 'closed' })
  }

  private enter(isNewcomer: boolean): void {
    const { clock, log, realm, openBroadcast } = this.options
    const { isLocal } = this.self.session
    const open = (): Broadcast => openBroadcast(realm)
    const broadcast = new TabsBroadcast(open, (message) => this.receive(message), log)
    const pulse = new TabsPulse(clock, this.view, (type) => this.post({ type, from: this.self.session }))
    // Another session of this user that came at the same moment is told from this one by the next news.
    const arrival = new TabsArrival(clock, isNewcomer, () => pulse.ping())
    this.state = { at: 'in', broadcast, arrival, pulse, isUp: !isLocal }
    this.post({ type: 'hello', from: this.self.session })
    if (isLocal) void this.welcome()
    if (isNewcomer) void this.tellPresence(this.subscriptions.all)
  }

  private exit(why: 'goodbye' | 'replaced', next: State): void {
    const { state } = this
    this.post({ type: 'bye', from: this.self.session, why })
    this.state = next
    if (state.at !== 'in') return
    state.broadcast.close()
    state.arrival.cancel()
    state.pulse.stop()
  }

  private async welcome(): Promise<void> {
    const { state } = this
    const { announcement, sha256 } = this.options
    const me = peerOf(this.self.session)
    const credential = await localCredential(announcement, me.loginTime, sha256)
    const { isLocal, loginTime } = this.self.session
    // Gone, accepted by a server, or with another login time meanwhile.
    if (state.at !== 'in' || this.state !== state || !isLocal || loginTime !== me.loginTime) return
    state.isUp = true
    this.events.up({ me, credential, serverKeys: [], clockOffsetMs: 0, iceServers: undefined })
  }

  private post(message: TabMessage): void {
    if (this.state.at !== 'in') return
    this.state.pulse.said()
    this.state.broadcast.post(message)
  }

  private sayState(): void {
    this.post({ type: 'state', from: this.self.session })
  }

  private receive(message: TabMessage): void {
    const { state } = this
    const { from } = message
    const { userId, sessionId } = this.options.announcement
    if (state.at !== 'in' || from.sessionId === sessionId) return
    if (message.type === 'bye') return this.view.remove(peerOf(from), message.why)
    const isForMe = 'to' in message && message.to === sessionId
    const isAnswer = isForMe && message.type === 'here'
    // Before the newcomer may replace this session: it is to know of everybody.
    if (message.type === 'hello') this.answerHello(state.arrival, from.sessionId)
    if (from.userId === userId) this.meetRival(state.arrival, from, isAnswer)
    else this.view.heard(from)
    if (isAnswer) this.learn(state.arrival, message)
    // It may be over now.
    if (this.state !== state) return
    if (message.type === 'ping') state.pulse.answerPing()
    if (message.type === 'signal' && isForMe && this.view.has(from.sessionId)) {
      this.events.signal(peerOf(from), message.signal, 'tabs')
    }
  }

  /** Who does not know yet whom the others know is no help. */
  private answerHello({ isOver }: TabsArrival, to: SessionId): void {
    const { everybody, past } = this.view
    if (isOver) this.post({ type: 'here', from: this.self.session, to, others: everybody, past })
    else this.sayState()
  }

  private learn(arrival: TabsArrival, { others, past }: Extract<TabMessage, { type: 'here' }>): void {
    const { userId, sessionId } = this.options.announcement
    for (const { session, silentMs } of others) {
      if (session.sessionId === sessionId) continue
      if (session.userId === userId) this.meetRival(arrival, session, true)
      else this.view.toldOf(session, silentMs)
    }
    for (const peer of past) if (peer.sessionId !== sessionId) this.view.toldOfPast(peer)
    arrival.answered()
  }

  /** Another session of this user: the later one stays, and who has just come is the later one. */
  private meetRival({ isNewcomer }: TabsArrival, rival: TabSession, isAnswer: boolean): void {
    this.view.toldOfPast(peerOf(rival))
    if (isNewcomer) {
      if (isAnswer) this.comeAfter(rival)
    } else if (isLaterArrival(rival, this.self.session)) {
      this.exit('replaced', { at: 'closed' })
      this.events.ended('remote-login', 'This user has logged in in another tab')
    } else this.sayState()
  }

  private comeAfter(rival: TabSession): void {
    if (!this.self.comeAfter(rival)) return
    this.sayState()
    if (this.self.session.isLocal) void this.welcome()
  }

  private async deliver(to: SessionId, signal: string): Promise<void> {
    if (!(await this.isKnown())) return
    if (this.view.has(to)) this.post({ type: 'signal', from: this.self.session, to, signal })
    else this.events.undeliverable(to)
  }

  private async refuseJoin(channelId: ChannelId, incarnation: number): Promise<void> {
    if (!(await this.isKnown())) return
    this.events.joinRefused(channelId, incarnation, 'This session is in too many channels: leave one first')
  }

  private async tellRoster(channelId: ChannelId, incarnation: number, mayRemove: boolean): Promise<void> {
    if (!(await this.isKnown()) || this.self.channels.get(channelId) !== incarnation) return
    this.events.roster(channelId, incarnation, this.view.members(channelId), mayRemove)
  }

  /** This session included. */
  private present(userIds: readonly UserId[]): readonly Peer[] {
    const me = peerOf(this.self.session)
    return [...this.view.find(userIds), ...(userIds.includes(me.userId) ? [me] : [])]
  }

  private async tellPresence(userIds: readonly UserId[]): Promise<void> {
    const isKnown = await this.isKnown()
    const wanted = userIds.filter((userId) => this.subscriptions.has(userId))
    if (!isKnown || wanted.length === 0) return
    this.events.presence(wanted, this.present(wanted), true)
    this.view.tellSilence(new Set(wanted))
  }

  /** Until it is known who is here, who comes is told by `presence`. */
  private isAwaited(userId: UserId): boolean {
    return this.state.at === 'in' && this.state.arrival.isOver && this.subscriptions.has(userId)
  }

  /** Resolves when it is known who else is here; with false when this session is not here. */
  private async isKnown(): Promise<boolean> {
    const { state } = this
    return state.at === 'in' && (await state.arrival.over) && this.state === state
  }
}
