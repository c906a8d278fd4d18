import { describe, expect, test, vi } from 'vitest'

import type { SessionId } from '../../src/base/ids.ts'
import type { Link } from '../../src/mesh/link.ts'
import type { LinkerEvents } from '../../src/mesh/linker.ts'
import type { Peer } from '../../src/protocol/peer.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { noLog } from '../support/no-log.ts'
import { peerOf } from './setup.ts'

// What the two kinds do is not in question here, which of them is asked is.
const { asked, made, FakeLinker } = vi.hoisted(() => {
  const asked: string[] = []
  const made: { events: LinkerEvents }[] = []
  class FakeLinker {
    protected readonly kind: string = 'direct'
    readonly connectionCount: number = 3
    constructor(
      _options: unknown,
      readonly events: LinkerEvents,
    ) {
      made.push(this)
    }
    open({ userId }: Peer): void {
      asked.push(`${this.kind}: open ${userId}`)
    }
    receive({ userId }: Peer, signal: string): void {
      asked.push(`${this.kind}: ${signal} of ${userId}`)
    }
    undeliverable(to: SessionId): void {
      asked.push(`${this.kind}: undeliverable ${to.slice(0, 2)}`)
    }
    abandon(sessionId: SessionId): void {
      asked.push(`${this.kind}: abandon ${sessionId.slice(0, 2)}`)
    }
    abandonAll(): void {
      asked.push(`${this.kind}: abandon all`)
    }
    close(): void {
      asked.push(`${this.kind}: close`)
    }
  }
  return { asked, made, FakeLinker }
})
vi.mock('../../src/mesh/webrtc-linker.ts', () => ({ WebRtcLinker: FakeLinker }))
vi.mock('../../src/mesh/tab-linker.ts', () => ({
  TabLinker: class extends FakeLinker {
    protected override readonly kind = 'tabs'
    override readonly connectionCount = 50
  },
}))
const { Linkers } = await import('../../src/mesh/linkers.ts')

const [alice, bob, carol] = [peerOf('alice'), peerOf('bob'), peerOf('carol')]

/** Bob is in another tab, carol is not. */
function setup() {
  asked.length = made.length = 0
  const opened: Link[] = []
  const clock = new ManualClock()
  const common = { sessionId: alice.sessionId, clock, log: noLog }
  const nothing = (): undefined => undefined
  const linkers = new Linkers(
    {
      ...common,
      credential: () => '',
      configuration: () => ({}),
      verify: () => Promise.resolve(undefined),
      relay: () => true,
    },
    {
      ...common,
      realm: 'realm',
      random: Math.random,
      openBroadcast: (name) => new BroadcastChannel(name),
      relayToTab: () => true,
    },
    (sessionId) => sessionId === bob.sessionId,
    {
      opened: (link) => opened.push(link),
      failed: nothing,
      admit: () => true,
      isWanted: () => true,
      packet: nothing,
      beat: nothing,
      drained: nothing,
      doubtful: nothing,
      exhausted: nothing,
      closed: nothing,
      broken: nothing,
    },
  )
  const [direct, tabs] = made
  return { linkers, opened, direct, tabs }
}

describe('Links of two kinds', () => {
  test('are opened without a network to tabs of this origin, over one to all others', () => {
    const { linkers } = setup()
    for (const peer of [bob, carol]) {
      linkers.open(peer, false)
      linkers.undeliverable(peer.sessionId)
    }
    expect(asked).toEqual([
      'tabs: open bob',
      'tabs: undeliverable 62',
      'direct: open carol',
      'direct: undeliverable 63',
    ])
  })

  test('take their signals from their own rendezvous only, whoever sent them', () => {
    const { linkers } = setup()
    for (const peer of [bob, carol]) {
      linkers.receive(peer, 'tab-offer', 'tabs')
      linkers.receive(peer, 'offer', 'server')
    }
    expect(asked).toEqual([
      'tabs: tab-offer of bob',
      'direct: offer of bob',
      'tabs: tab-offer of carol',
      'direct: offer of carol',
    ])
  })

  test('are one to each session: the attempt that is late is given up', () => {
    for (const kind of ['direct', 'tabs'] as const) {
      const { opened, ...kinds } = setup()
      const link = { peer: bob, epoch: 1 } as Link
      kinds[kind]?.events.opened(link)
      expect(asked).toEqual(['direct: abandon 62', 'tabs: abandon 62'])
      expect(opened).toEqual([link])
    }
  })

  test('are given up together when the page is put away', () => {
    const { linkers } = setup()
    linkers.abandonAll()
    expect(asked).toEqual(['direct: abandon all', 'tabs: abandon all'])
  })

  test('count where the browser counts, and are closed together', () => {
    const { linkers } = setup()
    expect(linkers.connectionCount).toBe(3)
    linkers.close()
    expect(asked).toEqual(['direct: close', 'tabs: close'])
  })
})
