import type { SessionId } from '../../src/base/ids.ts'
import type { Carriers } from '../../src/mesh/carriers.ts'
import type { Linker, LinkerEvents } from '../../src/mesh/linker.ts'
import { Linkers } from '../../src/mesh/linkers.ts'
import { identify } from '../../src/mesh/relay-identity.ts'
import { RelayLinker } from '../../src/mesh/relay-linker.ts'
import { TabLinker } from '../../src/mesh/tab-linker.ts'
import type { TabOptions } from '../../src/mesh/tab-options.ts'
import type { Peer } from '../../src/protocol/peer.ts'
import { realmOf } from '../../src/rendezvous/realm.ts'
import type { LinkerWiring } from '../../src/rtm/environment.ts'
import type { MemoryNetwork } from '../support/memory-network.ts'
import type { PageProcess } from '../support/page-process.ts'
import type { RelayFaults } from './relay-faults.ts'

export interface LinkerParts extends Pick<TabOptions, 'random' | 'log' | 'openBroadcast'> {
  readonly network: MemoryNetwork
  readonly self: Peer
  readonly process: PageProcess
  readonly relays: RelayFaults
  /** Somebody whom this page has never met wants to be linked to it, or it to somebody. */
  met(sessionId: SessionId): void
}

/** Links of a page: over the network of the simulation in place of WebRTC, all others as they are. */
export function simulatedLinkers(
  { network, self, process, random, log, openBroadcast, relays, met }: LinkerParts,
  { appId, crypto, identity, trust, credential, relay, relayToTab, isTab }: LinkerWiring,
  events: LinkerEvents,
  carriers: Carriers,
): Linkers {
  const { sessionId } = self
  const clock = process
  const tabOptions = {
    sessionId,
    realm: realmOf(appId, ['memory']),
    clock,
    random,
    log,
    openBroadcast,
    relayToTab,
  }
  const relayOptions = {
    appId,
    sessionId,
    clock,
    random,
    log,
    crypto,
    credential,
    agree: (theirs: Parameters<typeof identity.agreementKey.agree>[0]) => identity.agreementKey.agree(theirs),
    identify: (text: string, from: SessionId) => identify(trust, text, from),
  }
  const direct = (own: LinkerEvents): Linker => {
    const { isWanted, ...told } = own
    const admit: LinkerEvents['admit'] = (peer) => {
      met(peer.sessionId)
      return own.admit(peer)
    }
    return network.linker(self, { ...process.gated(told), admit, isWanted }, relay)
  }
  return new Linkers(
    { clock, isTab },
    {
      direct,
      tabs: (own) => new TabLinker(tabOptions, own),
      relayed: (own) => new RelayLinker(relayOptions, relays.impaired(carriers), own),
    },
    events,
  )
}
