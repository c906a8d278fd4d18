import type { Clock } from '../../src/base/clock.ts'
import type { SessionId } from '../../src/base/ids.ts'
import type { LinkerEvents } from '../../src/mesh/linker.ts'
import { TabLinker } from '../../src/mesh/tab-linker.ts'
import type { Peer } from '../../src/protocol/peer.ts'
import { noLog } from './no-log.ts'

let realms = 0

/** Two sessions as of two tabs of one origin, with real broadcast channels, whose rendezvous loses nothing. */
export function tabLinks(peers: readonly [Peer, Peer], clock: Clock, random = Math.random) {
  const realm = `tabs of test ${(realms += 1)}`
  const linkers = new Map<SessionId, TabLinker>()
  const signals: string[] = []
  const broadcasts: BroadcastChannel[] = []
  return {
    peers,
    signals,
    /** All that were opened, by either side. */
    broadcasts,
    /** Whether the rendezvous passes signals on. */
    isUp: true,
    linker(self: Peer, events: LinkerEvents): TabLinker {
      const linker = new TabLinker(
        {
          sessionId: self.sessionId,
          realm,
          clock,
          random,
          log: noLog,
          openBroadcast: (name) => {
            const broadcast = new BroadcastChannel(name)
            broadcasts.push(broadcast)
            return broadcast
          },
          relayToTab: (to, signal) => {
            if (!this.isUp) return false
            signals.push(signal)
            queueMicrotask(() => linkers.get(to)?.receive(self, signal))
            return true
          },
        },
        events,
      )
      linkers.set(self.sessionId, linker)
      return linker
    },
  }
}
