import type { Cancel } from '../base/clock.ts'
import type { ChannelId, SessionId, UserId } from '../base/ids.ts'
import type { Peer } from '../protocol/peer.ts'
import type { LoginRefusal } from '../protocol/server-messages.ts'
import type { Neighbours } from './neighbours.ts'
import { type Merging, neighboursEvents, serverEvents, tabsEvents } from './places-events.ts'
import { NamedPeers } from './places-named.ts'
import { LateNeighbours } from './places-neighbours.ts'
import type { PlacesOptions } from './places-options.ts'
import { ShownPeers } from './places-shown.ts'
import type { Rendezvous, RendezvousEvents, ServedRendezvous, Welcome } from './rendezvous.ts'
import { isForGood, isTokenFault } from './server-login.ts'
import type { TokenOutcome } from './server-token.ts'
import type { TabsRendezvous } from './tabs.ts'

/** A server that has not answered a login for this long may be away for good; long enough for a slow one. */
const LOCAL_LOGIN_AFTER_MS = 4_000

/**
 * All places where a session can be found, used as one: a signaling server, the other tabs, and those who are linked,
 * who stand in for the server while it is away. A session is the same in all of them, by its id.
 *
 *     no token, 4 s without an answer | no server configured
 *              |
 *     out --> local session --+        shown to tabs only
 *      |                      | the server accepts it
 *      +------------------> server session     shown to tabs and neighbours too; up and down are the server's
 *
 * A server that refuses a local session, unless an operator or another login ended it, is not asked again by
 * this login: what it refused, such as the app, stays the same; or by `renewToken` only, if it was the token. The
 * session goes on.
 *
 * In a local session's word there is no more than that its tab is of this origin: it is not shown while the server
 * names another session of its user.
 */
export class Places implements Rendezvous {
  /** Undefined when there is none, or when it refused the local session. */
  private server: ServedRendezvous | undefined
  private readonly tabs: TabsRendezvous | undefined
  private readonly lateNeighbours: LateNeighbours
  private life: 'in' | 'paused' | 'over' = 'in'
  /** As the server says, while it is up. */
  private readonly named = new NamedPeers()
  private readonly shown: ShownPeers
  private readonly merging: Merging
  private isServerSession = false
  private isLoggedIn = false
  private cancelWait: Cancel = () => undefined

  constructor(
    private readonly options: PlacesOptions,
    private readonly events: RendezvousEvents,
  ) {
    this.shown = new ShownPeers(this.named, () => this.tabs?.view, events)
    this.merging = this.makeMerging()
    this.lateNeighbours = new LateNeighbours({
      load: async () => {
        const make = await options.neighbours?.()
        return make && (() => make(neighboursEvents(this.merging)))
      },
      life: () => this.life,
      isServerUp: () => this.merging.isServerUp,
    })
    this.tabs = options.tabs?.(tabsEvents(this.merging))
    this.server = options.server?.(serverEvents(this.merging))
    this.waitForServer()
  }

  get name(): string {
    return this.main?.name ?? ''
  }

  get isUp(): boolean {
    return this.main?.isUp ?? false
  }

  /** Each place by itself in which this session can be found. */
  get used(): readonly Rendezvous[] {
    return this.all.filter((place) => place !== this.neighbours || place.isUp)
  }

  private get all(): readonly Rendezvous[] {
    return [this.server, this.tabs, this.neighbours].filter((place) => place !== undefined)
  }

  join(channelId: ChannelId, incarnation: number): void {
    this.lateNeighbours.joined.set(channelId, incarnation)
    for (const place of this.all) place.join(channelId, incarnation)
  }

  leave(channelId: ChannelId, incarnation: number): void {
    this.lateNeighbours.joined.delete(channelId)
    this.named.forgetChannel(channelId)
    for (const place of this.all) place.leave(channelId, incarnation)
    this.shown.review()
  }

  find(userIds: readonly UserId[]): Promise<readonly Peer[] | undefined> {
    const hasAll = (peers: readonly Peer[]): boolean =>
      userIds.every((userId) => peers.some((peer) => peer.userId === userId))
    return this.ask((place) => place.find(userIds), hasAll)
  }

  visit(channelId: ChannelId): Promise<readonly Peer[] | undefined> {
    return this.ask(
      (place) => place.visit(channelId),
      (holders) => holders.length > 0,
    )
  }

  endVisit(channelId: ChannelId): void {
    for (const place of this.all) place.endVisit(channelId)
  }

  subscribe(userIds: readonly UserId[]): void {
    for (const place of this.all) place.subscribe(userIds)
  }

  unsubscribe(userIds: readonly UserId[]): void {
    this.named.forgetUsers(userIds)
    for (const place of this.all) place.unsubscribe(userIds)
    this.shown.review()
  }

  count(channelIds: readonly ChannelId[]): Promise<readonly number[] | undefined> {
    return this.main?.count(channelIds) ?? Promise.resolve(undefined)
  }

  probe(): void {
    for (const place of this.all) place.probe()
  }

  /** By the server while it is up; else to another tab, or by somebody who is linked to both. */
  relay(to: SessionId, signal: string): boolean {
    if (this.server?.isUp) {
      this.neighbours?.keep(to, signal)
      return this.server.relay(to, signal)
    }
    const isForTabs = !this.isServerSession || this.tabs?.view.has(to) === true
    return isForTabs ? this.relayToTab(to, signal) : (this.neighbours?.relay(to, signal) ?? false)
  }

  /** As of a server; `ok` at once while no server has accepted this session, as no token is needed among tabs. */
  renewToken(token: string): Promise<TokenOutcome> {
    const answer = this.server?.renewToken(token)
    return answer && this.isServerSession ? answer : Promise.resolve('ok')
  }

  /** To another tab of this origin and realm, whatever else is up. */
  relayToTab(to: SessionId, signal: string): boolean {
    return this.tabs?.relay(to, signal) ?? false
  }

  /** Tells those who are linked what a server has signed: all of them, or one. */
  spread(notice: string, to?: SessionId): void {
    this.neighbours?.spread(notice, to)
  }

  /** A link to this session is open. */
  linked(peer: Peer): void {
    this.neighbours?.linked(peer)
  }

  unlinked(peer: Peer): void {
    this.neighbours?.unlinked(peer)
  }

  /** A message of a neighbour. */
  heard(from: Peer, message: Uint8Array): void {
    this.neighbours?.heard(from, message)
  }

  pause(): void {
    this.life = 'paused'
    this.cancelWait()
    this.neighbours?.pause()
    // First, so that those who are in other tabs are not vouched for once more when the server is given up.
    this.tabs?.pause()
    this.server?.pause()
  }

  resume(): void {
    this.life = 'in'
    for (const place of this.all) place.resume()
    this.waitForServer()
  }

  goodbye(): void {
    this.life = 'over'
    this.cancelWait()
    for (const place of this.all) place.goodbye()
  }

  /** Undefined until a server has accepted this session, and what makes them is there. */
  private get neighbours(): Neighbours | undefined {
    return this.lateNeighbours.present
  }

  /** Who decides whether this session is up. */
  private get main(): Rendezvous | undefined {
    return this.isServerSession ? this.server : (this.tabs ?? this.server)
  }

  private waitForServer(): void {
    const { tabs } = this
    const { clock, log, urls, token } = this.options
    if (this.isLoggedIn || !tabs) return
    const logIn = (): void => {
      this.isLoggedIn = true
      tabs.logIn()
    }
    if (!this.server) return logIn()
    if (token !== null) return
    this.cancelWait = clock.after(LOCAL_LOGIN_AFTER_MS, () => {
      const sentence =
        'No signaling server answered in 4 s: this session meets only other tabs of this browser until one does'
      log('warn', sentence, { urls: urls.join(' ') })
      logIn()
    })
  }

  /**
   * The tabs' answer is waited for only when the server's is not enough: right after the login they need a while.
   * A local session meets nobody but tabs, so that theirs is the whole answer; a server session whose server is away
   * cannot tell who is elsewhere, but asks those who are linked.
   */
  private async ask(
    question: (place: Rendezvous) => Promise<readonly Peer[] | undefined>,
    isEnough: (peers: readonly Peer[]) => boolean,
  ): Promise<readonly Peer[] | undefined> {
    const { server, tabs, neighbours } = this
    const isAway = this.isServerSession && server?.isUp === false
    const [fromServer, fromTabs, fromNeighbours] = [
      server && question(server),
      tabs && question(tabs),
      isAway ? neighbours && question(neighbours) : undefined,
    ]
    const byServer = server ? await fromServer : []
    if (byServer && isEnough(byServer)) return byServer
    const byTabs = tabs ? await fromTabs : []
    const peers = this.shown.united(byServer ?? [], byTabs ?? [])
    const isTold = byTabs && (byServer || !this.isServerSession)
    if (isTold || isEnough(peers)) return peers
    const all = this.shown.united((await fromNeighbours) ?? [], peers)
    return all.length === 0 ? undefined : all
  }

  private serverUp(welcome: Welcome): void {
    this.cancelWait()
    this.isLoggedIn = true
    this.isServerSession = true
    this.lateNeighbours.show(welcome.me, welcome.credential)
    this.neighbours?.standBack()
    this.events.up(welcome)
    this.tabs?.show(welcome.me)
    void this.lateNeighbours.come()
  }

  private refused(reason: LoginRefusal, sentence: string): void {
    const isWorking = !this.isServerSession && this.tabs?.isUp === true
    if (isWorking && !isForGood(reason)) {
      const { log, urls } = this.options
      const details = { reason, sentence, urls: urls.join(' ') }
      if (isTokenFault(reason)) this.events.tokenRefused()
      else this.server = undefined
      const told = 'The signaling server refused this session, which goes on among the tabs of this browser'
      return log('error', told, details)
    }
    this.goodbye()
    this.events.refused(reason, sentence)
  }

  private makeMerging(): Merging {
    const places = this
    return {
      events: this.events,
      named: this.named,
      shown: this.shown,
      get isServerSession() {
        return places.isServerSession
      },
      get isServerUp() {
        return places.server?.isUp ?? false
      },
      get tabs() {
        return places.tabs
      },
      get neighbours() {
        return places.neighbours
      },
      serverUp: (welcome) => this.serverUp(welcome),
      renewed: (credential) => this.lateNeighbours.renew(credential),
      refused: (reason, sentence) => this.refused(reason, sentence),
      goodbye: () => this.goodbye(),
    }
  }
}
