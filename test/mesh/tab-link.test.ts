import { describe, expect, onTestFinished, test } from 'vitest'

import { Wakefulness } from '../../src/base/wakefulness.ts'
import { Mesh } from '../../src/mesh/mesh.ts'
import { encodeTabSignal } from '../../src/protocol/tab-signals.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { noLog } from '../support/no-log.ts'
import { settle } from '../support/pass-time.ts'
import { seededRandom } from '../support/random.ts'
import { withoutRelays } from '../support/without-relays.ts'
import { tabLinks } from '../support/tab-links.ts'
import { LinkSide } from './link-side.ts'
import { peerOf } from './setup.ts'

const [alice, bob] = [peerOf('alice'), peerOf('bob')]

/** Alice's session id is the lower one: she offers. */
function setup() {
  const clock = new ManualClock()
  const tabs = tabLinks([alice, bob], clock)
  const lower = new LinkSide(alice, bob, (events) => tabs.linker(alice, events), nothing)
  const higher = new LinkSide(bob, alice, (events) => tabs.linker(bob, events), nothing)
  onTestFinished(() => {
    for (const { links, linker } of [lower, higher]) {
      for (const link of links) link.close()
      linker.close()
    }
    for (const broadcast of tabs.broadcasts) broadcast.close()
    expect(clock.pending).toBe(0)
  })
  return {
    clock,
    tabs,
    lower,
    higher,
    signals: () => tabs.signals.map((text) => words(text)),
    async linked() {
      lower.linker.open(bob, false)
      await until(() => lower.links.length > 0 && higher.links.length > 0)
      tabs.signals.length = 0
    },
    /** What a tab that keeps to no rule says on the channel that is the link. */
    async mallory() {
      const [broadcast] = tabs.broadcasts
      if (!broadcast) throw new Error('There is no link yet')
      const mallory = new BroadcastChannel(broadcast.name)
      onTestFinished(() => mallory.close())
      return mallory
    },
  }
}

const nothing = (): undefined => undefined

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await settle()
}

function words(text: string): string {
  const { type, epoch } = JSON.parse(text) as { type: string; epoch: number }
  return `${type} ${epoch}`
}

describe('A pair of tabs', () => {
  test('says two things at most to be linked', async () => {
    for (const [opener, said] of [
      ['lower', ['tab-offer 1']],
      ['higher', ['tab-knock 0', 'tab-offer 1']],
    ] as const) {
      const world = setup()
      const { linker, peer } = world[opener]
      linker.open(peer, false)
      linker.open(peer, false)
      await until(() => world.lower.links.length > 0)
      expect(world.signals()).toEqual(said)
      expect(world.lower.link).toMatchObject({ path: 'tab', epoch: 1 })
    }
  })

  test('gives an attempt up that is not answered in 3 s, and tries the next', async () => {
    const { clock, tabs, lower, higher } = setup()
    for (const { linker, peer, heard } of [lower, higher]) {
      const { linker: other } = peer === bob ? higher : lower
      other.receive = nothing
      linker.open(peer, false)
      await settle()
      clock.advance(2_999)
      expect(heard).toEqual([])
      clock.advance(1)
      expect(heard).toEqual([expect.stringMatching(/did not answer in 3 s/)])
      Reflect.deleteProperty(other, 'receive')
      heard.length = 0
    }
    higher.linker.open(alice, false)
    await until(() => higher.links.length > 0 && lower.links.length > 0)
    expect(tabs.broadcasts).toHaveLength(3)
    expect(higher.link.epoch).toBe(2)
  })

  test('fails at once when nobody passes signals on, or the other is gone', () => {
    const { tabs, lower, higher } = setup()
    tabs.isUp = false
    lower.linker.open(bob, false)
    higher.linker.open(alice, false)
    for (const { heard } of [lower, higher])
      expect(heard).toEqual([expect.stringMatching(/cannot be reached/)])
    tabs.isUp = true
    lower.linker.open(bob, false)
    lower.linker.undeliverable(bob.sessionId)
    expect(lower.heard[1]).toMatch(/not there any more/)
  })

  test('ends an attempt without a word when it is abandoned', async () => {
    const { lower, higher, linked } = setup()
    for (const { linker, peer } of [lower, higher]) {
      linker.open(peer, false)
      linker.abandon(peer.sessionId)
    }
    expect([...lower.heard, ...higher.heard]).toEqual([])
    await linked()
  })

  test('whose offerer has lost count is told by the other how far they were', async () => {
    const { lower, higher, linked, signals } = setup()
    await linked()
    for (const { link } of [lower, higher]) link.close()
    higher.linker.receive(alice, JSON.stringify({ type: 'tab-offer', epoch: 1, part: 'old' }), 'tabs')
    await until(() => lower.links.length > 1 && higher.links.length > 1)
    expect(signals()).toEqual(['tab-knock 1', 'tab-offer 2'])
  })

  test('that is linked takes nothing for news that is not', async () => {
    const { lower, higher, linked, signals, tabs } = setup()
    await linked()
    higher.linker.receive(alice, JSON.stringify({ type: 'tab-offer', epoch: 1, part: 'old' }), 'tabs')
    higher.linker.receive(alice, JSON.stringify({ type: 'tab-knock', epoch: 7 }), 'tabs')
    lower.linker.receive(bob, JSON.stringify({ type: 'tab-offer', epoch: 9, part: 'mine' }), 'tabs')
    lower.linker.receive(bob, JSON.stringify({ type: 'tab-knock', epoch: 0 }), 'tabs')
    for (const text of ['', '{', '{"type":"offer"}', '{"type":"tab-offer","epoch":-1,"part":"x"}'])
      higher.linker.receive(alice, text, 'tabs')
    await settle()
    expect(signals()).toEqual([])
    expect(tabs.broadcasts).toHaveLength(2)
  })

  test('begins anew when the other side knocks that has lost the link', async () => {
    const { lower, higher, linked, signals } = setup()
    await linked()
    higher.linker.open(alice, false)
    await until(() => lower.links.length > 1 && higher.links.length > 1)
    expect(signals()).toEqual(['tab-knock 1', 'tab-offer 2'])
  })
})

describe('A link between tabs', () => {
  test.each([
    ['no object', 7],
    ['an unknown packet', { type: 'rubbish' }],
    ['bytes that are none', { type: 'bytes', channel: 0, bytes: [1, 2, 3] }],
    ['a channel that none can be', { type: 'bytes', channel: 1_024, bytes: new Uint8Array(1) }],
    ['less than nothing', { type: 'credit', channel: 0, byteCount: -1 }],
    ['more than it was sent', { type: 'credit', channel: 0, byteCount: 1 }],
  ])('is closed for %s', async (_, said) => {
    const { lower, higher, linked, mallory } = setup()
    await linked()
    const broadcast = await mallory()
    broadcast.postMessage(said)
    await until(() => [lower, higher].every(({ heard }) => heard.includes('1 closed')))
    for (const { heard } of [lower, higher]) expect(heard).toEqual(['1 opened', '1 closed'])
    expect(lower.reasons).toEqual([
      expect.stringMatching(/^It (sent what no tab sends|took more than was sent)/),
    ])
  })

  test('is not troubled by what is about channels that it does not have', async () => {
    const { lower, higher, linked, mallory } = setup()
    await linked()
    const broadcast = await mallory()
    for (const said of [
      { type: 'bytes', channel: 10, bytes: new Uint8Array(5) },
      { type: 'credit', channel: 10, byteCount: 5 },
      { type: 'end', channel: 10 },
      { type: 'ready' },
      { type: 'bytes', channel: 0, bytes: new Uint8Array(5) },
    ])
      broadcast.postMessage(said)
    await until(() => lower.packets.length > 0 && higher.packets.length > 0)
    for (const { heard } of [lower, higher]) expect(heard).toEqual(['1 opened'])
  })

  test('is not opened by an answer that is none', async () => {
    const { lower, higher, mallory } = setup()
    higher.linker.receive = nothing
    lower.linker.open(bob, false)
    const broadcast = await mallory()
    broadcast.postMessage('ready')
    await until(() => lower.heard.length > 0)
    expect(lower.heard).toEqual([expect.stringMatching(/did not answer as tabs do/)])
  })

  test('sends of a part of a buffer that part only', async () => {
    const { lower, higher, linked } = setup()
    await linked()
    lower.link.send(new Uint8Array(100_000).subarray(5, 15))
    await until(() => higher.packets.length > 0)
    expect(higher.packets[0]?.buffer.byteLength).toBe(10)
  })
})

/** Two tabs whose sessions are linked. */
async function linkedTabs() {
  const clocks = { alice: new ManualClock(), bob: new ManualClock() }
  const tabs = tabLinks([alice, bob], clocks.alice)
  const heard: string[] = []
  const pulses = { alice: new Wakefulness(clocks.alice), bob: new Wakefulness(clocks.bob) }
  const page = (self: typeof alice, clock: ManualClock, wakefulness: Wakefulness) =>
    new Mesh(
      {
        soon: queueMicrotask,
        sessionId: self.sessionId,
        clock,
        wakefulness,
        random: seededRandom(1),
        log: noLog,
        credential: () => '',
        verify: () => Promise.resolve(undefined),
        linker: (events) => withoutRelays(tabs.linker(self, events)),
      },
      {
        item: nothing,
        goodbye: (from) => heard.push(`${self.userId}: ${from.userId} says goodbye`),
        linked: (to) => heard.push(`${self.userId} +${to.userId}`),
        unlinked: (from) => heard.push(`${self.userId} -${from.userId}`),
        channelOffered: nothing,
        neighbour: nothing,
      },
    )
  const meshes = {
    alice: page(alice, clocks.alice, pulses.alice),
    bob: page(bob, clocks.bob, pulses.bob),
  }
  onTestFinished(() => {
    for (const mesh of Object.values(meshes)) mesh.close()
    for (const pulse of Object.values(pulses)) pulse.stop()
    for (const clock of Object.values(clocks)) {
      clock.advance(1_000)
      expect(clock.pending).toBe(0)
    }
  })
  meshes.alice.hold(bob)
  await until(() => heard.length === 2)
  heard.length = 0
  return { clocks, heard, tabs, ...meshes }
}

describe('A tab', () => {
  test('whose timers run once a minute stays linked to one that is looked at', async () => {
    const { clocks, heard, alice: looked } = await linkedTabs()
    for (let second = 1; second <= 300; second++) {
      clocks.bob.sleep(1_000)
      if (second % 60 === 0) clocks.bob.advance(0)
      clocks.alice.advance(1_000)
      // Who said nothing for a second sends a beat, and that is answered.
      await until(() => clocks.alice.now() - (looked.lastHeard(bob.sessionId) ?? 0) < 1_500)
    }
    expect(heard).toEqual([])
  })

  test('that is put away says goodbye and keeps no broadcast channel open', async () => {
    const { heard, tabs, bob: away } = await linkedTabs()
    let isOpen = true
    const [, its] = tabs.broadcasts
    if (its) its.close = closing(its, () => (isOpen = false))
    away.pause()
    expect(isOpen).toBe(false)
    await until(() => heard.includes('alice: bob says goodbye'))
    expect(heard).toEqual(['bob -alice', 'alice -bob', 'alice: bob says goodbye'])
  })
})

describe('A tab that is put away while a link is being opened', () => {
  function waiting() {
    const clock = new ManualClock()
    const tabs = tabLinks([alice, bob], clock)
    const wakefulness = new Wakefulness(clock)
    const mesh = new Mesh(
      {
        soon: queueMicrotask,
        sessionId: alice.sessionId,
        clock,
        wakefulness,
        random: seededRandom(1),
        log: noLog,
        credential: () => '',
        verify: () => Promise.resolve(undefined),
        linker: (events) => withoutRelays(tabs.linker(alice, events)),
      },
      {
        item: nothing,
        goodbye: nothing,
        linked: nothing,
        unlinked: nothing,
        channelOffered: nothing,
        neighbour: nothing,
      },
    )
    onTestFinished(() => {
      mesh.close()
      wakefulness.stop()
      clock.advance(1_000)
      expect(clock.pending).toBe(0)
    })
    const isOpen = (): boolean[] => {
      const states = tabs.broadcasts.map(() => true)
      for (const [i, one] of tabs.broadcasts.entries()) one.close = closing(one, () => (states[i] = false))
      return states
    }
    return { clock, tabs, mesh, isOpen }
  }

  test.each([
    ['which it began', (mesh: Mesh) => void mesh.hold(bob)],
    [
      'which a session began that it has nothing to do with',
      (mesh: Mesh) => mesh.receiveSignal(bob, encodeTabSignal({ type: 'tab-knock', epoch: 0 }), 'tabs'),
    ],
  ])('%s, keeps no broadcast channel open', (_, begin) => {
    const { mesh, isOpen } = waiting()
    begin(mesh)
    const states = isOpen()
    expect(states).toEqual([true])
    mesh.pause()
    expect(states).toEqual([false])
  })

  test('tries no link before it is shown again, and then at once', () => {
    const { clock, mesh, tabs } = waiting()
    mesh.hold(bob)
    mesh.pause()
    clock.advance(60_000)
    mesh.retryNow()
    expect(tabs.broadcasts).toHaveLength(1)
    mesh.resume()
    expect(tabs.broadcasts).toHaveLength(2)
  })
})

function closing(broadcast: BroadcastChannel, closed: () => void): () => void {
  const close = broadcast.close.bind(broadcast)
  return () => {
    close()
    closed()
  }
}
