import { describe, expect, onTestFinished, test, vi } from 'vitest'

import type { SessionId, UserId } from '../../src/base/ids.ts'
import { noLog } from '../support/no-log.ts'
import type { PeerConnectionEvents } from '../../src/mesh/peer-connection.ts'
import type { Link } from '../../src/mesh/link.ts'
import type { Peer } from '../../src/protocol/peer.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { pass } from '../support/pass-time.ts'

// What browsers do between descriptions is not in question here, who may say what when is.
vi.mock('../../src/mesh/proof.ts', () => ({ isGenuine: () => Promise.resolve(true) }))
vi.mock('../../src/mesh/peer-connection.ts', () => {
  /** The side that has answered is open when the other has its answer. */
  let openAnswerer = (): void => undefined
  return {
    existingConnections: () => 0,
    PeerConnection: class {
      readonly bufferedBytes = 0
      private isClosed = false
      constructor(
        isOfferer: boolean,
        _configuration: RTCConfiguration,
        private readonly events: PeerConnectionEvents,
      ) {
        if (isOfferer) queueMicrotask(() => events.description('offer'))
      }
      acceptDescription(type: 'offer' | 'answer'): void {
        if (type === 'offer') {
          openAnswerer = () => this.isClosed || this.events.open()
          queueMicrotask(() => this.events.description('answer'))
        } else {
          queueMicrotask(() => {
            openAnswerer()
            if (!this.isClosed) this.events.open()
          })
        }
      }
      acceptCandidate(): void {}
      close(): void {
        this.isClosed = true
      }
    },
  }
})
const { WebRtcLinker } = await import('../../src/mesh/webrtc-linker.ts')

const peer = (name: string): Peer => ({
  userId: name as UserId,
  sessionId: name.slice(0, 1).repeat(32) as SessionId,
  loginTime: 1,
})

/** Alice's session id is the lower one: she offers. */
function setup() {
  const clock = new ManualClock()
  const peers = { alice: peer('alice'), bob: peer('bob') }
  const signals: string[] = []
  const links: { alice?: Link; bob?: Link } = {}
  const make = (me: 'alice' | 'bob', other: 'alice' | 'bob') =>
    new WebRtcLinker(
      {
        sessionId: peers[me].sessionId,
        clock,
        log: noLog,
        credential: () => 'credential',
        verify: () => Promise.resolve(undefined),
        configuration: () => ({}),
        relay(_to: SessionId, signal: string) {
          const { type, epoch } = JSON.parse(signal) as { type: string; epoch: number }
          signals.push(`${me}: ${type} ${epoch}`)
          queueMicrotask(() => linkers[other].receive(peers[me], signal))
          return true
        },
      },
      {
        opened: (link) => void (links[me] = link),
        failed: (_, sentence) => signals.push(`${me} failed: ${sentence}`),
        admit: () => true,
        missed: () => undefined,
        isWanted: () => true,
        packet: () => undefined,
        beat: () => undefined,
        drained: () => undefined,
        doubtful: () => undefined,
        exhausted: () => undefined,
        closed: () => undefined,
        broken: () => undefined,
      },
    )
  const linkers = { alice: make('alice', 'bob'), bob: make('bob', 'alice') }
  onTestFinished(() => {
    for (const linker of Object.values(linkers)) linker.close()
    expect(clock.pending).toBe(0)
  })
  return {
    signals,
    links,
    linkers,
    peers,
    pass: (ms: number) => pass(clock, ms),
    async linked() {
      linkers.alice.open(peers.bob, false)
      await pass(clock, 100)
      expect(links.alice?.epoch).toBe(links.bob?.epoch)
      signals.splice(0)
    },
    close() {
      links.alice?.close()
      links.bob?.close()
      delete links.alice
      delete links.bob
    },
  }
}

describe('A pair of sessions', () => {
  test('counts its attempts on, also after one side was done with the other', async () => {
    const { linked, close, linkers, peers, links, pass: go } = setup()
    await linked()
    close()
    await linked()
    close()
    linkers.alice.abandon(peers.bob.sessionId)
    linkers.alice.open(peers.bob, false)
    await go(100)
    expect(links.bob?.epoch).toBe(3)
  })

  test('cannot be counted to its end by who passes signals on, and makes some up', async () => {
    const { linked, close, linkers, links, peers, pass: go } = setup()
    const end = 2 ** 31
    linkers.alice.receive(peers.bob, JSON.stringify({ type: 'knock', version: 1, features: 0, epoch: end }))
    linkers.bob.receive(peers.alice, offerOf(end))
    await go(20_000)
    close()
    for (const linker of Object.values(linkers)) linker.abandonAll()
    await linked()
    expect(links.alice?.epoch).toBeLessThan(10)
    close()
    linkers.bob.open(peers.alice, false)
    await go(100)
    expect(links.bob?.epoch).toBe(links.alice?.epoch)
  })

  test('whose offerer has lost count is asked to offer anew, and linked', async () => {
    const { linked, close, linkers, links, peers, signals, pass: go } = setup()
    await linked()
    close()
    await linked()
    close()
    // A page of Alice's that remembers nothing: its first offer looks like a replay.
    linkers.bob.receive(peers.alice, offerOf(1))
    await go(1_000)
    expect(signals.slice(0, 2)).toEqual(['bob: knock 2', 'alice: offer 3'])
    expect(links.bob?.epoch).toBe(3)
  })

  test('that is linked does not answer replays', async () => {
    const { linked, linkers, peers, signals, pass: go } = setup()
    await linked()
    linkers.bob.receive(peers.alice, offerOf(1))
    await go(1_000)
    expect(signals).toEqual([])
  })
})

function offerOf(epoch: number): string {
  const candidates: unknown[] = []
  return JSON.stringify({
    type: 'offer',
    version: 1,
    features: 0,
    epoch,
    sdp: 'v=0',
    credential: 'c',
    candidates,
  })
}
