import type { Clock } from '../src/base/clock.ts'
import type { AppId, ChannelId, SessionId, UserId } from '../src/base/ids.ts'
import { isLaterLogin } from '../src/protocol/peer.ts'
import type { Claim, ClaimOutcome, Directory, Removal } from './directory.ts'
import { Holders } from './holders.ts'
import type { Limits } from './limits.ts'
import { Session } from './session.ts'

interface App {
  readonly sessionByUser: Map<UserId, Session>
  readonly membersByChannel: SessionsBy<ChannelId>
  readonly visitorsByChannel: SessionsBy<ChannelId>
  readonly subscribersByUser: SessionsBy<UserId>
}

/** Nothing with nobody in it. */
type SessionsBy<Id> = Map<Id, Set<Session>>

/** The directory of one server; its claims are for one that is alone, or cannot ask the others. */
export class InProcessDirectory implements Directory {
  private readonly apps = new Map<AppId, App>()
  private readonly sessionsById = new Map<SessionId, Session>()
  private readonly pastHolders = new Holders()
  /** Of logins that this server timed. A clock that is set back must not make a new login the earlier one. */
  private latestLoginTime = 0
  private subscriptionCount = 0

  constructor(
    private readonly clock: Clock,
    private readonly limits: Pick<Limits, 'maxSessions' | 'maxSubscriptions'>,
  ) {}

  claim(claim: Claim): Promise<ClaimOutcome> {
    return Promise.resolve(this.decide(claim))
  }

  put(session: Session): void {
    this.sessionsById.set(session.sessionId, session)
    this.appOf(session.appId).sessionByUser.set(session.userId, session)
  }

  timeLogin(appId: AppId, userId: UserId): number {
    this.latestLoginTime = Math.max(this.clock.now(), this.latestLoginTime)
    const current = this.sessionOf(appId, userId)
    return current ? Math.max(this.latestLoginTime, current.loginTime + 1) : this.latestLoginTime
  }

  audienceOf(session: Session): ReadonlySet<Session> {
    const audience = new Set<Session>()
    for (const channelId of session.channels.keys()) {
      for (const member of this.membersOf(session.appId, channelId)) audience.add(member)
    }
    for (const sessionId of session.acquaintances) {
      const acquaintance = this.sessionsById.get(sessionId)
      if (acquaintance) audience.add(acquaintance)
    }
    for (const subscriber of this.subscribersOf(session.appId, session.userId)) audience.add(subscriber)
    audience.delete(session)
    return audience
  }

  remove(session: Session): Removal | undefined {
    if (this.sessionsById.get(session.sessionId) !== session) return undefined
    const audience = this.audienceOf(session)
    for (const other of audience) other.forget(session.sessionId)
    for (const channelId of session.channels.keys()) this.exit(session, channelId)
    for (const channelId of session.visits) this.endVisit(session, channelId)
    for (const userId of session.subscriptions) this.unsubscribe(session, userId)
    this.sessionsById.delete(session.sessionId)
    this.pastHolders.remember(session.identity, this.clock.now())
    const app = this.apps.get(session.appId)
    app?.sessionByUser.delete(session.userId)
    if (app?.sessionByUser.size === 0) this.apps.delete(session.appId)
    return { session, audience }
  }

  enter(session: Session, channelId: ChannelId, incarnation: number): void {
    add(this.appOf(session.appId).membersByChannel, channelId, session)
    session.enter(channelId, incarnation)
    this.endVisit(session, channelId)
  }

  exit(session: Session, channelId: ChannelId): void {
    session.exit(channelId)
    remove(this.apps.get(session.appId)?.membersByChannel, channelId, session)
  }

  membersOf(appId: AppId, channelId: ChannelId): ReadonlySet<Session> {
    return this.apps.get(appId)?.membersByChannel.get(channelId) ?? NOBODY
  }

  visit(session: Session, channelId: ChannelId): void {
    add(this.appOf(session.appId).visitorsByChannel, channelId, session)
    session.visit(channelId)
  }

  endVisit(session: Session, channelId: ChannelId): void {
    if (!session.endVisit(channelId)) return
    remove(this.apps.get(session.appId)?.visitorsByChannel, channelId, session)
  }

  visitorsOf(appId: AppId, channelId: ChannelId): ReadonlySet<Session> {
    return this.apps.get(appId)?.visitorsByChannel.get(channelId) ?? NOBODY
  }

  subscribe(session: Session, userId: UserId): boolean {
    if (session.subscriptions.has(userId)) return true
    if (this.subscriptionCount >= this.limits.maxSubscriptions) return false
    add(this.appOf(session.appId).subscribersByUser, userId, session)
    session.subscribe(userId)
    this.subscriptionCount += 1
    return true
  }

  unsubscribe(session: Session, userId: UserId): void {
    if (!session.unsubscribe(userId)) return
    remove(this.apps.get(session.appId)?.subscribersByUser, userId, session)
    this.subscriptionCount -= 1
  }

  subscribersOf(appId: AppId, userId: UserId): ReadonlySet<Session> {
    return this.apps.get(appId)?.subscribersByUser.get(userId) ?? NOBODY
  }

  sessionById(sessionId: SessionId): Session | undefined {
    return this.sessionsById.get(sessionId)
  }

  sessionOf(appId: AppId, userId: UserId): Session | undefined {
    return this.apps.get(appId)?.sessionByUser.get(userId)
  }

  get size(): number {
    return this.sessionsById.size
  }

  sessions(): Iterable<Session> {
    return this.sessionsById.values()
  }

  private decide({ identity, earlierLoginTime }: Claim): ClaimOutcome {
    const { sessionId } = identity
    const known = this.sessionsById.get(sessionId)
    if (known?.identity.equals(identity)) return { outcome: 'returned', session: known }

    // Who has the keys that a session id is made of cannot be two users with it.
    if (known || this.pastHolders.isAnothers(identity, this.clock.now())) {
      return { outcome: 'refused', reason: 'invalid-proof' }
    }

    const current = this.sessionOf(identity.appId, identity.userId)
    const loginTime = earlierLoginTime ?? this.timeLogin(identity.appId, identity.userId)
    const session = new Session(identity, loginTime, this.clock.now())
    if (current && isLaterLogin(current, session)) return { outcome: 'refused', reason: 'remote-login' }
    if (!current && this.sessionsById.size >= this.limits.maxSessions) {
      return { outcome: 'refused', reason: 'overload' }
    }

    const replaced = current && this.remove(current)
    this.put(session)
    return { outcome: 'admitted', session, ...(replaced && { replaced }) }
  }

  private appOf(appId: AppId): App {
    const known = this.apps.get(appId)
    if (known) return known
    const app: App = {
      sessionByUser: new Map(),
      membersByChannel: new Map(),
      visitorsByChannel: new Map(),
      subscribersByUser: new Map(),
    }
    this.apps.set(appId, app)
    return app
  }
}

const NOBODY: ReadonlySet<Session> = new Set()

function add<Id>(sessions: SessionsBy<Id>, id: Id, session: Session): void {
  const present = sessions.get(id)
  if (present) present.add(session)
  else sessions.set(id, new Set([session]))
}

function remove<Id>(sessions: SessionsBy<Id> | undefined, id: Id, session: Session): void {
  const present = sessions?.get(id)
  present?.delete(session)
  if (present?.size === 0) sessions?.delete(id)
}
