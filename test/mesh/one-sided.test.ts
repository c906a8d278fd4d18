import { describe, expect, onTestFinished, test } from 'vitest'

import { portableCrypto } from '../../src/base/crypto-portable.ts'
import type { AppId, SessionId } from '../../src/base/ids.ts'
import { Wakefulness } from '../../src/base/wakefulness.ts'
import type { Carriers } from '../../src/mesh/carriers.ts'
import type { LinkerEvents } from '../../src/mesh/linker.ts'
import { Linkers } from '../../src/mesh/linkers.ts'
import { Mesh } from '../../src/mesh/mesh.ts'
import { RelayLinker } from '../../src/mesh/relay-linker.ts'
import { encodeBytes } from '../../src/protocol/codec.ts'
import { writeRelay } from '../../src/protocol/frames.ts'
import type { Peer } from '../../src/protocol/peer.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { MemoryNetwork } from '../support/memory-network.ts'
import { noLog } from '../support/no-log.ts'
import { pass } from '../support/pass-time.ts'
import { seededRandom } from '../support/random.ts'
import { passed } from './relay-world.ts'
import { peerOf, textItem } from './setup.ts'

const APP_ID = 'a'.repeat(32) as AppId

/** Meshes with links of their own and over each other, as a session has them, and a server that passes signals on. */
function setup() {
  const clock = new ManualClock()
  const network = new MemoryNetwork(clock)
  network.isSignalled = true
  const pages = new Map<SessionId, { peer: Peer; mesh: Mesh; agreementKey: () => Uint8Array<ArrayBuffer> }>()
  const closers: (() => void)[] = []
  const world = { clock, network, hasServer: true, page, pass: (ms: number) => pass(clock, ms) }

  async function page(name: string) {
    const peer = peerOf(name)
    const key = await portableCrypto.generateAgreementKey()
    const wakefulness = new Wakefulness(clock)
    const random = seededRandom(1)
    /** When what came, came. */
    const received = new Map<string, number>()
    const relay = (to: SessionId, signal: string): boolean => {
      if (!world.hasServer) return false
      clock.after(5, () => pages.get(to)?.mesh.receiveSignal(peer, signal, 'server'))
      return true
    }
    const relayOptions = {
      appId: APP_ID,
      sessionId: peer.sessionId,
      clock,
      random,
      log: noLog,
      crypto: portableCrypto,
      credential: () => peer.sessionId,
      agree: (theirs: Uint8Array<ArrayBuffer>) => key.agree(theirs),
      identify: (credential: string, sessionId: SessionId) => {
        const known = credential === sessionId ? pages.get(sessionId) : undefined
        return Promise.resolve(known && { peer: known.peer, agreementKey: known.agreementKey() })
      },
    }
    const linker = (events: LinkerEvents, carriers: Carriers) =>
      new Linkers(
        { clock, isTab: () => false },
        {
          direct: (own) => network.linker(peer, own, relay),
          tabs: (own) => new MemoryNetwork(clock).linker(peer, own),
          relayed: (own) => new RelayLinker(relayOptions, carriers, own),
        },
        events,
      )
    const nothing = (): void => undefined
    const mesh = new Mesh(
      {
        soon: queueMicrotask,
        sessionId: peer.sessionId,
        clock,
        wakefulness,
        random,
        log: noLog,
        credential: () => peer.sessionId,
        verify: () => Promise.resolve(true),
        linker,
      },
      {
        item: (_, item) => {
          if (item.kind === 'peer-message' && item.content.type === 'text')
            received.set(item.content.text, clock.now())
        },
        goodbye: nothing,
        linked: nothing,
        unlinked: nothing,
        channelOffered: nothing,
        neighbour: nothing,
      },
    )
    pages.set(peer.sessionId, { peer, mesh, agreementKey: () => key.publicKey })
    closers.push(() => {
      mesh.close()
      wakefulness.stop()
    })
    return { peer, mesh, received }
  }

  onTestFinished(async () => {
    for (const close of closers) close()
    await world.pass(1_100)
    expect(clock.pending).toBe(0)
    expect(network.openLinkCount).toBe(0)
  })
  return world
}

/** Alice, who offers, and bob, who knocks, in one channel; carol is in it too. All are linked. */
async function channel() {
  const world = setup()
  const all = [await world.page('alice'), await world.page('bob'), await world.page('carol')] as const
  for (const one of all) for (const other of all) if (one !== other) one.mesh.hold(other.peer)
  await world.pass(10_000)
  const [alice, bob, carol] = all
  return { ...world, world, alice, bob, carol }
}

type Page = Awaited<ReturnType<ReturnType<typeof setup>['page']>>

/** What happens to the link between the two, and after what time they are linked again at the latest. */
const losses = {
  'falls silent': {
    withinMs: 8_000,
    lose: (network: MemoryNetwork, noticing: Page, other: Page) =>
      network.cable(noticing.peer, other.peer).break('silent'),
  },
  'is closed for one side only': {
    withinMs: 3_500,
    lose: (network: MemoryNetwork, noticing: Page, other: Page) => {
      const end = network.link(noticing.peer, other.peer)
      network.cable(noticing.peer, other.peer).break('cut, only the sender notices', end)
    },
  },
  'carries nothing one way': {
    withinMs: 8_000,
    lose: (network: MemoryNetwork, deaf: Page, other: Page) => {
      const end = network.link(other.peer, deaf.peer)
      if (end) end.send = end.beat = end.probe = () => undefined
    },
  },
}

describe('A link that', () => {
  const ways = ['a link of its own', 'a relay', 'a relay, without a server'] as const
  const cases = Object.entries(losses).flatMap(([loss, { lose, withinMs }]) =>
    (['lower', 'higher'] as const).flatMap((who) =>
      ways.map((way) => ({ loss, lose, who, way, seconds: withinMs / 1_000 })),
    ),
  )
  test.each(cases)('$loss (the $who id notices) is replaced in $seconds s by $way', async (at) => {
    const { world, network, clock, alice, bob, pass: later } = await channel()
    if (at.way !== 'a link of its own')
      network.refusal = (from, to) => ([from, to].every(isOf(alice, bob)) ? 'No path' : undefined)
    world.hasServer = at.way !== 'a relay, without a server'
    // Each hears of the other in this moment.
    alice.mesh.send(bob.peer, textItem('before'), () => undefined)
    bob.mesh.send(alice.peer, textItem('before'), () => undefined)
    await later(10)
    const [noticing, other] = at.who === 'lower' ? [alice, bob] : [bob, alice]
    at.lose(network, noticing, other)
    const lostAt = clock.now()
    alice.mesh.send(bob.peer, textItem('after'), () => undefined)
    bob.mesh.send(alice.peer, textItem('after'), () => undefined)
    await later(30_000)
    for (const { received } of [alice, bob])
      expect((received.get('after') ?? Infinity) - lostAt).toBeLessThan(at.seconds * 1_000)
  })
})

describe('Who passes on', () => {
  test('cannot make up that a link is missed: one that lives stays', async () => {
    const { network, alice, bob, carol, pass: later } = await channel()
    const { sessionId } = bob.peer
    const knock = passed(sessionId, { kind: 'knock', epoch: 9, credential: sessionId })
    const link = network.link(alice.peer, bob.peer)
    let probeCount = 0
    const probe = link?.probe.bind(link)
    if (link && probe)
      link.probe = () => {
        probeCount += 1
        probe()
      }
    for (let i = 0; i < 100; i++) {
      network.link(carol.peer, alice.peer)?.send(encodeBytes((packet) => writeRelay(packet, knock)))
      await later(100)
    }
    expect(network.link(alice.peer, bob.peer)).toBe(link)
    expect(link?.isClosed).toBe(false)
    expect(probeCount).toBeGreaterThan(0)
    expect(probeCount).toBeLessThanOrEqual(21)
  })
})

function isOf(...pages: Page[]): (peer: Peer) => boolean {
  return ({ sessionId }) => pages.some(({ peer }) => peer.sessionId === sessionId)
}
