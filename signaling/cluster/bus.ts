import type { AppId, SessionId, UserId } from '../../src/base/ids.ts'
import type { NodeId } from '../session.ts'

/** Without a sign of life from its node a node's keys are gone after this long. It beats several times meanwhile. */
export const NODE_LEASE_MS = 15_000

/** So long a user's key stays after its node last held it: after a crash a later login wins by its time, not by this. */
export const CLAIM_LEASE_MS = 60_000

/** What operators decided stays this long after the last node: they can be restarted one by one, or all at once. */
export const DECISIONS_LEASE_MS = 10 * 60_000

/** How long a lease of each kind is; shorter ones are for tests. */
export interface Leases {
  readonly nodeMs: number
  readonly claimMs: number
}

export const usualLeases: Leases = { nodeMs: NODE_LEASE_MS, claimMs: CLAIM_LEASE_MS }

/** A login, or a session that goes on, as the nodes decide on it. */
export interface SharedClaim {
  readonly appId: AppId
  readonly userId: UserId
  readonly sessionId: SessionId
  /** Of the identity that the session id belongs to. */
  readonly digest: string
  /** Of a session that was logged in before. */
  readonly loginTime: number | undefined
  /** Else when it is timed; later, if a login of its user is known that is. */
  readonly earliestLoginTime: number
  /** The earliest it may be, in milliseconds; it is later than any stay of this session that is known. */
  readonly stay: number
  /** It is not new: the stay is as it says, unless the session was elsewhere later. */
  readonly isHeld: boolean
}

export type SharedVerdict =
  | { readonly isGranted: true; readonly loginTime: number; readonly stay: number }
  | { readonly isGranted: false; readonly reason: 'invalid-proof' | 'remote-login' }

/** All that a node has told, as of its change with this number. */
export interface Snapshot {
  readonly number: number
  readonly sessions: ReadonlyMap<SessionId, string>
}

/** What became of sessions of this node. */
export interface Change {
  readonly number: number
  /** As they are now; undefined for one that is over. */
  readonly sessions: ReadonlyMap<SessionId, string | undefined>
  /** For all other nodes. */
  readonly news: string
}

export interface BusListener {
  /** What nodes share can be read and written, maybe for the first time, and all of it may be lost. */
  up(): void
  /** It cannot, for this reason. */
  down(reason: string): void
  /** News of any node, this one included; those of one node in its order. Some may be lost: they are numbered. */
  news(text: string): void
  /** To this node alone. */
  letter(text: string): void
}

/**
 * What the nodes of a cluster have in common. It carries texts, and keeps some of them; what they mean, and whether they
 * can be believed, is for its users. Nothing here throws or rejects: what cannot be done while it is down is not done,
 * and everything is written anew when it is up.
 */
export interface Bus {
  readonly isUp: boolean
  /** A client of the package `redis`, for whatever else the nodes count together; undefined where there is none. */
  readonly store: object | undefined
  /** Begins. Resolves when it is up, or when the first attempt has failed; it goes on trying. */
  open(node: NodeId, listener: BusListener): Promise<void>
  /** Decides in an order that is the same for all nodes. Undefined if it cannot now. */
  claim(claim: SharedClaim): Promise<SharedVerdict | undefined>
  /** Extends what these sessions have, or takes it where it was lost. */
  hold(claims: readonly SharedClaim[]): void
  /** The session is over: its user's key is not needed, unless a later one has it. */
  release(claim: Pick<SharedClaim, 'appId' | 'userId' | 'sessionId'>): void
  /** From now on this node has told exactly this. */
  write(snapshot: Snapshot): void
  change(change: Change): void
  /** A sign of life, which extends this node's leases; false if what it had told was lost. */
  beat(news: string): Promise<boolean>
  read(node: NodeId): Promise<Snapshot | undefined>
  /** Those that may be there; this one too. */
  nodes(): Promise<readonly NodeId[]>
  /** That node is gone. */
  forget(node: NodeId): void
  /** To one node; false if nobody took it, or too much is under way. */
  post(to: NodeId, letter: string): Promise<boolean>
  /** Keeps these texts by their names for all nodes, and those that come; none any more where it is undefined. */
  keep(texts: ReadonlyMap<string, string | undefined>): void
  kept(): Promise<ReadonlyMap<string, string>>
  announce(news: string): void
  /** Takes back what this node has told; waits for it at most a moment. */
  close(): Promise<void>
}
