import type { Mesh } from '../mesh/mesh.ts'
import type { Trust } from '../mesh/trust.ts'
import type { Neighbourhood } from '../rendezvous/neighbourhood.ts'
import type { Channels } from './channels.ts'

/** What this session can tell its neighbours of those around it. */
export function neighbourhood(mesh: Mesh, trust: Trust, channels: () => Channels): Neighbourhood {
  return {
    get near() {
      return mesh.neighbours
    },
    credentialOf: (sessionId) => mesh.credentialOf(sessionId),
    tell: (to, message) => mesh.tellNeighbour(to, message),
    verify: (credential) => trust.introduce(credential),
    members: (channelId) => channels().room(channelId)?.members ?? [],
    userOf: (sessionId) => mesh.peer(sessionId)?.userId,
  }
}
