import { describe, expect, test } from 'vitest'

import { ManualClock } from '../support/manual-clock.ts'
import { MemoryNetwork } from '../support/memory-network.ts'
import { pass } from '../support/pass-time.ts'
import { tabLinks } from '../support/tab-links.ts'
import { checkLinks, linkContract } from './link-contract.ts'
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
