import type { AppId, ChannelId, SessionId, UserId } from '../src/base/ids.ts'
import type { Member, Peer } from '../src/protocol/peer.ts'
import type { ServerMessage, TokenTerms } from '../src/protocol/server-messages.ts'
import { Acquaintances } from './acquaintances.ts'
import { type Identity, sessionIdOf } from './credential-office.ts'

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
  /** The first end counts. */
  end(code: number, sentence: string): void
}

/** One login of one user, from `loggedIn` to its departure, across any number of sockets. */
export class Session implements Peer {
  readonly sessionId: SessionId
  /** The channels it is in, each with the join that brought it there. */
  readonly channels = new Map<ChannelId, number>()
  /** The channels it visits, the latest visit last. */
  readonly visits = new Set<ChannelId>()
  readonly acquaintances = new Acquaintances()
  /** The users whose presence it is told of. */
  readonly subscriptions = new Set<UserId>()
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
  ) {
    this.sessionId = sessionIdOf(identity)
  }

  get appId(): AppId {
    return this.identity.appId
  }

  get userId(): UserId {
    return this.identity.userId
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

export function peerOf({ userId, sessionId, loginTime }: Peer): Peer {
  return { userId, sessionId, loginTime }
}

export function memberOf(session: Session, incarnation: number): Member {
  return { ...peerOf(session), incarnation }
}

/** One encoding for everybody who gets it. */
export function broadcast(audience: Iterable<Session>, message: ServerMessage): void {
  const text = JSON.stringify(message)
  for (const session of audience) session.outlet?.send(text)
}
