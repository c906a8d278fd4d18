import type { AppId, ChannelId, SessionId, UserId } from '../src/base/ids.ts'
import type { Member, Peer } from '../src/protocol/peer.ts'
import type { ServerMessage, TokenTerms } from '../src/protocol/server-messages.ts'
import { Acquaintances } from './acquaintances.ts'
import type { Identity } from './identity.ts'
import { textFrame } from './text-frame.ts'

/** One run of a server of a cluster: 32 hexadecimal digits. */
export type NodeId = string & { readonly __brand: 'NodeId' }

/** Where a session is, or was last while it has no socket: here, at another node, or at one that is no more. */
export type Home = 'here' | 'nowhere' | NodeId

/** Where a session's messages go: its WebSocket. Of one that another node has it leads nowhere: that tells its own. */
export interface Outlet {
  /** So much is waiting that what others cause must not be added: it would end this reader's connection. */
  readonly isCongested: boolean
  /** Drops what is sent after the end. */
  send(text: string): void
  /** What `textFrame` has made of a text that goes to many. */
  sendFrame(frame: Buffer): void
  /** The first end counts. */
  end(code: number, sentence: string): void
}

/** One login of one user, from `loggedIn` to its departure, across any number of sockets. */
export class Session implements Peer {
  // Made when there is something in them: four empty ones would be a sixth of what a session takes.
  private ownChannels: Map<ChannelId, number> | undefined
  private ownVisits: Set<ChannelId> | undefined
  private ownSubscriptions: Set<UserId> | undefined
  private ownAcquaintances: Acquaintances | undefined
  /** Of the token that was accepted last; undefined in an app without a certificate. */
  token: TokenTerms | undefined
  /** Undefined while its socket is lost and it may still return. */
  outlet: Outlet | undefined
  /** Those who know it were told that it is silent, and not yet that it was heard again. */
  isUnreachable = false
  home: Home = 'here'
  /** When it came to its node, later each time: of two nodes that have it the later one is right. */
  stay = 0

  constructor(
    readonly identity: Identity,
    readonly loginTime: number,
    /** When it last gave a sign of life. */
    public heardAt: number,
  ) {}

  get sessionId(): SessionId {
    return this.identity.sessionId
  }

  get appId(): AppId {
    return this.identity.appId
  }

  get userId(): UserId {
    return this.identity.userId
  }

  /** The channels it is in, each with the join that brought it there. */
  get channels(): ReadonlyMap<ChannelId, number> {
    return this.ownChannels ?? NO_CHANNELS
  }

  enter(channelId: ChannelId, incarnation: number): void {
    this.ownChannels ??= new Map()
    this.ownChannels.set(channelId, incarnation)
  }

  exit(channelId: ChannelId): void {
    this.ownChannels?.delete(channelId)
  }

  /** The channels it visits, the latest visit last. */
  get visits(): ReadonlySet<ChannelId> {
    return this.ownVisits ?? NONE
  }

  visit(channelId: ChannelId): void {
    this.ownVisits ??= new Set()
    this.ownVisits.delete(channelId)
    this.ownVisits.add(channelId)
  }

  /** Whether it did visit it. */
  endVisit(channelId: ChannelId): boolean {
    return this.ownVisits?.delete(channelId) ?? false
  }

  /** The users whose presence it is told of. */
  get subscriptions(): ReadonlySet<UserId> {
    return this.ownSubscriptions ?? NONE
  }

  subscribe(userId: UserId): void {
    this.ownSubscriptions ??= new Set()
    this.ownSubscriptions.add(userId)
  }

  /** Whether it was subscribed. */
  unsubscribe(userId: UserId): boolean {
    return this.ownSubscriptions?.delete(userId) ?? false
  }

  /** The sessions that it exchanged signals with. */
  get acquaintances(): Iterable<SessionId> {
    return this.ownAcquaintances ?? NONE
  }

  meet(sessionId: SessionId): void {
    this.ownAcquaintances ??= new Acquaintances()
    this.ownAcquaintances.add(sessionId)
  }

  forget(sessionId: SessionId): void {
    this.ownAcquaintances?.delete(sessionId)
  }

  /** Another node looks after it. */
  get isElsewhere(): boolean {
    return this.home !== 'here' && this.home !== 'nowhere'
  }

  send(message: ServerMessage): void {
    this.outlet?.send(JSON.stringify(message))
  }

  end(code: number, sentence: string): void {
    this.outlet?.end(code, sentence)
    this.outlet = undefined
  }
}

const NO_CHANNELS: ReadonlyMap<ChannelId, number> = new Map()
const NONE: ReadonlySet<never> = new Set()

export function peerOf({ userId, sessionId, loginTime }: Peer): Peer {
  return { userId, sessionId, loginTime }
}

export function memberOf(session: Session, incarnation: number): Member {
  return { ...peerOf(session), incarnation }
}

/** One encoding for everybody who gets it. */
export function broadcast(audience: Iterable<Session>, message: ServerMessage): void {
  let frame: Buffer | undefined
  for (const { outlet } of audience) outlet?.sendFrame((frame ??= textFrame(JSON.stringify(message))))
}
