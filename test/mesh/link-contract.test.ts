import { describe, expect, test } from 'vitest'

import type { Linker, LinkerEvents } from '../../src/mesh/linker.ts'
import type { RelayLinker } from '../../src/mesh/relay-linker.ts'
import type { Peer } from '../../src/protocol/peer.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { MemoryNetwork } from '../support/memory-network.ts'
import { pass } from '../support/pass-time.ts'
import { RelayNet } from '../support/relay-net.ts'
import { tabLinks } from '../support/tab-links.ts'
import { checkLinks, linkContract } from './link-contract.ts'
import { LinkSide } from './link-side.ts'
import { peerOf } from './setup.ts'

const peers = [peerOf('alice'), peerOf('bob')] as const

describe('A link in memory', () => {
  test.each(linkContract)('%s', async (title) => {
    const clock = new ManualClock()
    const network = new MemoryNetwork(clock)
    const kind = {
      peers,
      linker: network.linker.bind(network),
      pass: () => pass(clock, network.delayMs),
    }
    await checkLinks(kind, title)
    expect(network.openLinkCount).toBe(0)
  })
})

describe('A link between tabs', () => {
  test.each(linkContract)('%s', async (title) => {
    const clock = new ManualClock()
    await checkLinks(tabLinks(peers, clock), title)
    expect(clock.pending).toBe(0)
  })
})

describe('A link over somebody else', () => {
  test.each(linkContract)('%s', async (title) => {
    const clock = new ManualClock()
    const net = new RelayNet(clock)
    const carol = peerOf('carol')
    for (const peer of [...peers, carol]) await net.add(peer)
    const relay = new LinkSide(
      carol,
      peers[0],
      (events) => asLinker(net.linker(carol, events)),
      () => undefined,
    )
    const kind = {
      peers,
      linker(self: Peer, events: LinkerEvents) {
        const linker = asLinker(net.linker(self, events))
        net.connect(self, carol)
        return linker
      },
      pass: () => pass(clock, net.delayMs),
    }
    await checkLinks(kind, title)
    relay.linker.close()
    await pass(clock, 10_000)
    expect(relay.heard).toEqual([])
    expect(clock.pending).toBe(0)
  })
})

/** The part of it that the contract asks for. */
function asLinker(linker: RelayLinker): Linker {
  const nothing = (): void => undefined
  return Object.assign(linker, { connectionCount: 0, receive: nothing, undeliverable: nothing })
}
