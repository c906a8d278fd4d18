import type { Bytes } from '../../base/bytes.ts'
import type { Clock } from '../../base/clock.ts'
import type { Mesh } from '../../mesh/mesh.ts'
import type { Peer } from '../../protocol/peer.ts'
import type { Directory } from '../directory.ts'
import type { Whereabouts } from '../whereabouts.ts'

/** What a login lends to the invitations of its kit, until it ends. */
export interface InvitationLine {
  readonly clock: Clock
  readonly mesh: Pick<Mesh, 'send' | 'withdraw' | 'hold' | 'peer' | 'isLinked' | 'lastHeard'>
  readonly directory: Pick<Directory, 'get' | 'forget'>
  readonly whereabouts: Pick<Whereabouts, 'find' | 'successors'>
  me(): Peer
  /** Whether a rendezvous can tell of others now. */
  isUp(): boolean
  randomBytes(length: number): Bytes
}

/** What a login tells the invitations of its kit. */
export interface InvitationWatch {
  /** A message about an invitation has come. */
  receive(line: InvitationLine, from: Peer, message: Bytes): void
  /** This is the user's session now, as it showed itself or a rendezvous says. */
  met(peer: Peer): void
  /** The session is over, as it said itself or somebody who knows. */
  ended(peer: Peer): void
  /** This page was away, and said goodbye when it went. */
  resumed(): void
  /** The login ends, and every invitation with it. */
  close(): void
}
