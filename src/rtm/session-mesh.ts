import type { Wakefulness } from '../base/wakefulness.ts'
import { Mesh, type MeshEvents } from '../mesh/mesh.ts'
import type { Trust } from '../mesh/trust.ts'
import type { Places } from '../rendezvous/places.ts'
import type { LinkerWiring } from './environment.ts'
import type { OnlineSessionOptions } from './online-session-options.ts'

/** What the mesh asks of its session; the rendezvous is made after it. */
export interface SessionWiring {
  readonly trust: Trust
  readonly wakefulness: Wakefulness
  rendezvous(): Places
  /** The sealed credential as of now. */
  credential(): string
  iceServers(): readonly RTCIceServer[] | undefined
}

/** The mesh of one login. */
export function sessionMesh(
  { environment, crypto, identity, appId }: OnlineSessionOptions,
  { trust, wakefulness, rendezvous, credential, iceServers }: SessionWiring,
  events: MeshEvents,
): Mesh {
  const { clock, random, log, soon } = environment
  const wiring: LinkerWiring = {
    appId,
    crypto,
    identity,
    trust,
    credential,
    iceServers,
    relay: (to, signal) => rendezvous().relay(to, signal),
    relayToTab: (to, signal) => rendezvous().relayToTab(to, signal),
    isTab: (sessionId) => trust.isTab(sessionId),
  }
  return new Mesh(
    {
      sessionId: identity.sessionId,
      clock,
      wakefulness,
      random,
      log,
      soon,
      credential,
      verify: (shown, peer) => trust.verify(shown, peer),
      linker: (linkerEvents, carriers) => environment.createLinker(wiring, linkerEvents, carriers),
    },
    events,
  )
}
