import type { AppId, SessionId, UserId } from '../base/ids.ts'
import type { LocalIdentity } from '../mesh/local-identity.ts'
import type { Mesh } from '../mesh/mesh.ts'
import type { PeerSession } from '../mesh/peer-session.ts'
import type { Places } from '../rendezvous/places.ts'

/** How this session stands with everybody, for people who ask why something does not work. */
export interface Diagnosis {
  readonly appId: AppId
  readonly userId: UserId
  readonly sessionId: SessionId
  /** Every place where this session is found: its server, and the tabs of this browser. */
  readonly servers: readonly {
    /** Its address, or `tabs of this browser`. */
    readonly url: string
    /** In words. */
    readonly state: string
  }[]
  /** Those to whom there is or was something to say. */
  readonly peers: readonly PeerDiagnosis[]
}

/** How the link to one peer does. */
export interface PeerDiagnosis {
  /** The peer's user, verified. */
  readonly userId: UserId
  /** Which of the user's logins it is. */
  readonly sessionId: SessionId
  /** In words. */
  readonly state: string
  /** How messages go there. */
  readonly path: 'direct' | 'relay' | 'tab' | 'none'
  /** Whose user passes on, where the path is a relay. */
  readonly via?: UserId
  /** What kind of address the link uses here, as WebRTC calls it: host, srflx, prflx or relay. */
  readonly localCandidateType?: string
  /** The same at the peer. */
  readonly remoteCandidateType?: string
  /** Milliseconds there and back. */
  readonly roundTripMs?: number
  /** Bytes of messages that it has not acknowledged yet. */
  readonly queuedBytes: number
  /** In words; where the path is a relay, why there is no direct one. */
  readonly lastError?: string
}

export async function diagnose(
  self: { appId: AppId; userId: UserId; identity: LocalIdentity },
  places: Places,
  mesh: Mesh,
): Promise<Diagnosis> {
  return {
    appId: self.appId,
    userId: self.userId,
    sessionId: self.identity.sessionId,
    servers: places.used.map(({ name, isUp }) => ({
      url: name,
      state: isUp ? 'connected' : 'not connected, trying again',
    })),
    peers: await Promise.all(mesh.describe().map(diagnosePeer)),
  }
}

async function diagnosePeer(session: PeerSession): Promise<PeerDiagnosis> {
  const { peer, link, lastError } = session
  return {
    userId: peer.userId,
    sessionId: peer.sessionId,
    state: stateInWords(session),
    path: link?.path ?? 'none',
    ...(await link?.describe()),
    queuedBytes: session.owedBytes,
    ...(lastError === undefined ? {} : { lastError }),
  }
}

function stateInWords({ link, openingSince, needsLink, retries }: PeerSession): string {
  if (link) return 'linked'
  if (openingSince !== undefined) return 'opening a link'
  if (!needsLink) return 'not linked, nothing to send'
  const { failures } = retries
  return failures > 0 ? `no link after ${failures} attempts, trying again` : 'waiting for a link'
}
