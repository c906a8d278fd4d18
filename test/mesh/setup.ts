import { onTestFinished } from 'vitest'

import type { Bytes } from '../../src/base/bytes.ts'
import type { SessionId, UserId } from '../../src/base/ids.ts'
import type { Soon } from '../../src/base/soon.ts'
import { Wakefulness } from '../../src/base/wakefulness.ts'
import { noLog } from '../support/no-log.ts'
import { Mesh } from '../../src/mesh/mesh.ts'
import type { Outcome, Owed } from '../../src/mesh/outgoing-stream.ts'
import type { SideChannelOffer } from '../../src/mesh/side-channel.ts'
import { encodeItem, type Item } from '../../src/protocol/items.ts'
import type { Peer } from '../../src/protocol/peer.ts'
import { ManualClock } from '../support/manual-clock.ts'
import type { MemoryLinker } from '../support/memory-network.ts'
import { MemoryNetwork } from '../support/memory-network.ts'
import { pass } from '../support/pass-time.ts'
import { seededRandom } from '../support/random.ts'

/** A peer whose session id sorts as its name does. */
export function peerOf(name: string, loginTime = 1): Peer {
  const hex = [...name].map((letter) => letter.charCodeAt(0).toString(16)).join('')
  return { userId: name as UserId, sessionId: hex.padEnd(32, '0').slice(0, 32) as SessionId, loginTime }
}

export function textItem(text: string): Bytes {
  return encodeItem({ kind: 'peer-message', sentAt: 1, content: { type: 'text', text } })
}

export type MeshWorld = ReturnType<typeof setup>
export type MeshPage = ReturnType<MeshWorld['page']>

/** Meshes on one network with a clock that a test moves. At the end all are closed, and nothing may be left. */
export function setup(seed = 1) {
  const clock = new ManualClock()
  const network = new MemoryNetwork(clock)
  const pages: { mesh: Mesh; wakefulness: Wakefulness }[] = []

  function page(
    name: string,
    options: { maxLinks?: number; verify?: (credential: string) => Promise<unknown> } = {},
  ) {
    const peer = peerOf(name)
    const received: string[] = []
    const goodbyes: string[] = []
    /** `+bob` when a link to bob was open and greeted, `-bob` when it was closed. */
    const links: string[] = []
    const outcomes: [text: string, outcome: Outcome][] = []
    const wakefulness = new Wakefulness(clock)
    let linker: MemoryLinker | undefined
    const mesh = new Mesh(
      {
        soon: (run) => world.soon(run),
        sessionId: peer.sessionId,
        clock,
        wakefulness,
        random: seededRandom(seed),
        log: noLog,
        credential: () => `credential of ${name}`,
        verify: (credential, { userId }) => Promise.resolve(credential === `credential of ${userId}`),
        linker: (events) => (linker = network.linker(peer, events)),
        ...options,
      },
      {
        item: (from, item: Item) => {
          const text = item.kind === 'peer-message' && item.content.type === 'text' ? item.content.text : ''
          received.push(`${from.userId}: ${text}`)
        },
        goodbye: (from) => goodbyes.push(from.userId),
        linked: (to) => links.push(`+${to.userId}`),
        unlinked: (from) => links.push(`-${from.userId}`),
        channelOffered: (offer) => page.offered(offer),
        neighbour: () => undefined,
      },
    )
    const page = {
      peer,
      mesh,
      wakefulness,
      received,
      goodbyes,
      links,
      outcomes,
      /** What this page does with side channels that it is offered; nothing at first. */
      offered: (offer: SideChannelOffer): unknown => void offer,
      get opens() {
        return linker?.opens ?? []
      },
      send(to: { peer: Peer }, ...texts: string[]): (Owed | undefined)[] {
        return texts.map((text) =>
          mesh.send(to.peer, textItem(text), (outcome) => outcomes.push([text, outcome])),
        )
      },
      isLinkedTo: (other: { peer: Peer }) =>
        mesh.describe().some(({ peer: { sessionId }, link }) => link && sessionId === other.peer.sessionId),
    }
    pages.push(page)
    return page
  }

  const world = {
    clock,
    network,
    /** When meshes do what can wait until waiting events are handled. */
    soon: queueMicrotask as Soon,
    page,
    pass: (ms: number) => pass(clock, ms),
    /** Two pages that have exchanged one message each way. */
    async linkedPair() {
      const alice = page('alice')
      const bob = page('bob')
      alice.send(bob, 'hello')
      bob.send(alice, 'hello')
      await world.pass(100)
      for (const { received, outcomes } of [alice, bob]) received.length = outcomes.length = 0
      return { alice, bob, cable: network.cable(alice.peer, bob.peer) }
    },
    async finish(): Promise<void> {
      for (const { mesh, wakefulness } of pages) {
        mesh.close()
        wakefulness.stop()
      }
      await world.pass(1_100)
      if (clock.pending > 0) throw new Error(`${clock.pending} timers are left after all pages were closed`)
      if (network.openLinkCount > 0) throw new Error(`${network.openLinkCount} link ends are left open`)
      const left = pages.flatMap(({ mesh }) => mesh.describe())
      if (left.length > 0) throw new Error(`${left.length} sessions are left`)
    },
  }
  return world
}

/** `setup` for a test: what it leaves open fails the test. */
export function setupTest(seed?: number): MeshWorld {
  const world = setup(seed)
  onTestFinished(() => world.finish())
  return world
}
