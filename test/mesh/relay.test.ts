import { describe, expect, test } from 'vitest'

import type { RelayLink } from '../../src/mesh/relay-link.ts'
import { encodeRelayMessage, RELAY_RANDOM_BYTES } from '../../src/protocol/relay-messages.ts'
import { peerOf } from './setup.ts'
import { alice, bob, carol, dave, onTheWay, passed, said, send, setup } from './relay-world.ts'

const random = new Uint8Array(RELAY_RANDOM_BYTES)

describe('Two who are not linked', () => {
  test('are linked over one who is linked to both, whichever of them begins, and know over whom', async () => {
    for (const opener of ['lower', 'higher'] as const) {
      const world = await setup([carol])
      const { lower, higher, pass } = world
      world[opener].linker.open(world[opener].peer, false)
      await pass(100)
      for (const side of [lower, higher]) {
        expect(side.heard).toEqual(['1 opened'])
        expect(side.link).toMatchObject({ path: 'relay', epoch: 1 })
        expect(await side.link.describe()).toEqual({ via: 'carol', lastError: 'No path' })
      }
      send(lower, 'hello')
      send(higher, 'hello to you')
      await pass(20)
      expect(lower.packets).toHaveLength(1)
      expect(higher.packets).toHaveLength(1)
    }
  })

  test('have one link when both begin at once', async () => {
    const { lower, higher, pass } = await setup()
    lower.linker.open(bob, false)
    higher.linker.open(alice, false)
    await pass(5_000)
    expect(lower.link.epoch).toBe(higher.link.epoch)
    send(lower, 'hello')
    send(higher, 'hello to you')
    await pass(20)
    expect([lower, higher].map(({ packets }) => packets.length)).toEqual([1, 1])
  })

  test('are told at once that nobody can pass on, and in 1 s that nobody answers', async () => {
    const nobody = await setup([])
    nobody.lower.linker.open(bob, false)
    expect(nobody.lower.heard).toEqual([expect.stringMatching(/^failed: Nobody who is linked here can/)])

    const far = await setup([carol])
    far.net.cut(bob, carol)
    far.lower.linker.open(bob, false)
    await far.pass(10)
    expect(far.lower.heard).toEqual([expect.stringMatching(/^failed: Nobody who is linked here can/)])

    const silent = await setup([carol])
    silent.net.tamper = () => []
    silent.lower.linker.open(bob, false)
    await silent.pass(999)
    expect(silent.lower.heard).toEqual([])
    await silent.pass(1)
    expect(silent.lower.heard).toHaveLength(1)
  })

  test('ask eight at most', async () => {
    const relays = Array.from({ length: 12 }, (_, i) => peerOf(`relay ${i}`))
    const { lower, net } = await setup(relays)
    lower.linker.open(bob, false)
    expect(net.hops).toHaveLength(8)
  })

  test('ask one more who comes near while they look', async () => {
    const { lower, net, pass } = await setup([carol, dave])
    net.cut(alice, carol)
    net.cut(bob, dave)
    net.tamper = ({ message }) => [message]
    lower.linker.open(bob, false)
    net.connect(alice, carol)
    await pass(100)
    expect((await lower.link.describe()).via).toBe('carol')
  })

  test('try another when the first that says it can brings no answer in 3 s', async () => {
    const { lower, higher, net, pass } = await setup()
    let liar: string | undefined
    onTheWay(net, (payload, _, { from }) => {
      liar ??= from.userId
      return from.userId === liar ? [] : [payload]
    })
    lower.linker.open(bob, false)
    await pass(3_100)
    expect(lower.heard).toEqual(['1 opened'].map(() => expect.stringMatching(/^[12] opened$/)))
    expect(higher.heard).toHaveLength(1)
    expect((await lower.link.describe()).via).not.toBe(liar)
  })

  test('give up after 8 s, and begin no link later', async () => {
    const { lower, higher, net, pass } = await setup()
    onTheWay(net, () => [])
    lower.linker.open(bob, false)
    await pass(8_000)
    expect(lower.heard).toEqual([expect.stringMatching(/^failed: Nobody who is linked here could pass/)])
    net.tamper = ({ message }) => [message]
    await pass(10_000)
    expect([lower.links.length, higher.links.length]).toEqual([0, 0])
  })
})

describe('A relayed link', () => {
  test('ends when who passed on goes, and the next is over another', async () => {
    const world = await setup()
    const { lower, higher, net, linked, pass } = world
    await linked()
    const via = await world.via()
    net.cut(alice, via)
    net.cut(bob, via)
    expect(lower.reasons).toEqual([expect.stringMatching(/was lost/)])
    expect(higher.reasons).toHaveLength(1)
    lower.linker.open(bob, false)
    await pass(50)
    expect((await lower.link.describe()).via).not.toBe(via.userId)
    expect(lower.link.epoch).toBe(2)
  })

  test('ends when it brings no answer for 3 s while one is due, and not when nothing was said', async () => {
    const world = await setup()
    const { lower, net, linked, pass } = world
    await linked()
    const via = await world.via()
    onTheWay(net, (payload, _, { from }) => (from === via ? [] : [payload]))
    await pass(60_000)
    expect(lower.heard).toEqual([])
    send(lower, 'hello?')
    await pass(2_999)
    expect(lower.heard).toEqual([])
    await pass(1)
    expect(lower.reasons).toEqual([expect.stringMatching(/no answer for 3 s/)])
    // It is avoided for a minute, as there is another.
    lower.linker.open(bob, false)
    await pass(50)
    expect((await lower.link.describe()).via).not.toBe(via.userId)
  })

  test('ends though answers come while what is sent does not arrive', async () => {
    const { lower, net, linked, pass } = await setup([carol])
    await linked()
    onTheWay(net, (payload, _, { to }) => (to === bob ? [] : [payload]))
    send(lower, 'hello?')
    await pass(3_000)
    expect(lower.reasons).toHaveLength(1)
  })

  test('is not blamed for the time that this page slept', async () => {
    const { clock, lower, linked, pass } = await setup([carol])
    await linked()
    send(lower, 'hello')
    clock.sleep(60_000)
    await pass(10_000)
    expect(lower.heard).toEqual([])
  })

  test('tries a relay again after 5 s that failed, if there is no other', async () => {
    const { lower, net, linked, pass } = await setup([carol])
    await linked()
    onTheWay(net, () => [])
    send(lower, 'hello?')
    await pass(3_000)
    net.tamper = ({ message }) => [message]
    lower.linker.open(bob, false)
    expect(lower.heard.at(-1)).toMatch(/^failed/)
    await pass(5_000)
    lower.linker.open(bob, false)
    await pass(50)
    expect(lower.heard.at(-1)).toBe('2 opened')
  })

  test('carries a message of 256 KB in pieces, and a beat does not wait behind it', async () => {
    const { lower, higher, linked, pass } = await setup([carol])
    await linked()
    for (let i = 0; i < 4; i++) lower.link.send(new Uint8Array(256 * 1024).fill(i))
    lower.link.beat()
    await pass(30)
    expect(higher.beatCount).toBe(1)
    expect(higher.packets.length).toBeLessThan(4)
    await pass(2_000)
    expect(higher.packets.map((packet) => [packet.byteLength, packet[7]])).toEqual(
      [0, 1, 2, 3].map((i) => [256 * 1024, i]),
    )
  })

  test('never goes faster than a relay takes', async () => {
    const { lower, higher, net, linked, pass } = await setup([carol])
    await linked()
    lower.onDrained = fill
    function fill(): void {
      while (lower.link.bufferedBytes < 64 * 1024) lower.link.send(new Uint8Array(48 * 1024))
    }
    fill()
    await pass(10_000)
    expect(higher.packets.length * 48).toBeGreaterThan(10 * 700)
    expect(higher.packets.length * 48).toBeLessThan(10 * 900)
    expect(said(net, carol, alice).filter(({ kind }) => kind === 'refused')).toEqual([])
    lower.onDrained = () => undefined
  })

  test('has a key of its own: the same words are sealed otherwise on the next', async () => {
    const { lower, net, linked, pass } = await setup([carol])
    const sealed: string[] = []
    onTheWay(net, (payload, _, { to }) => {
      if (payload.kind === 'packet' && to === bob) sealed.push(Buffer.from(payload.sealed).toString('hex'))
      return [payload]
    })
    await linked()
    send(lower, 'the same words')
    await pass(20)
    lower.linker.open(bob, false)
    await pass(50)
    send(lower, 'the same words')
    await pass(20)
    expect(new Set(sealed).size).toBe(sealed.length)
    expect(lower.links).toHaveLength(2)
  })
})

describe('Who passes on', () => {
  /** Of an honest link, what comes after the proofs. */
  const lossy = [
    ['leaves one out', (place: number) => (place === 5 ? 0 : 1)],
    ['repeats one', (place: number) => (place === 5 ? 2 : 1)],
  ] as const

  test.each(lossy)('and %s costs the link, and delivers nothing twice or out of order', async (_, copies) => {
    const { lower, higher, net, linked, pass, words } = await setup([carol])
    await linked()
    onTheWay(net, (payload, place, { to }) =>
      to === bob ? Array.from({ length: copies(place) }, () => payload) : [payload],
    )
    const all = Array.from({ length: 20 }, (_, i) => `${i}`)
    send(lower, ...all)
    await pass(100)
    expect(higher.reasons).toEqual([expect.stringMatching(/left some out, repeated some/)])
    expect(words()).toEqual(all.slice(0, words().length))
    expect(lower.heard).toEqual(['1 closed'])
  })

  test('and exchanges two costs the link', async () => {
    const { lower, higher, net, linked, pass, words } = await setup([carol])
    await linked()
    const held: Parameters<typeof passed>[1][] = []
    onTheWay(net, (payload, place, { to }) => {
      if (to !== bob) return [payload]
      if (place !== 3) return [payload, ...held.splice(0)]
      held.push(payload)
      return []
    })
    send(lower, '0', '1', '2', '3', '4', '5')
    await pass(100)
    expect(higher.heard).toEqual(['1 closed'])
    expect(words()).toEqual(['0', '1', '2'].slice(0, words().length))
  })

  test('and delays all by 2 s costs nothing but time', async () => {
    const { clock, lower, net, linked, pass, words } = await setup([carol])
    await linked()
    net.tamper = (hop) => {
      if (hop.from !== carol) return [hop.message]
      clock.after(1_000, () => net.say(hop.from, hop.to, hop.message))
      return []
    }
    send(lower, 'slow', 'but', 'sure')
    await pass(5_000)
    expect(words()).toEqual(['slow', 'but', 'sure'])
    expect(lower.heard).toEqual([])
  })

  test('and changes a bit, anywhere, costs the link, and nobody reads what was changed', async () => {
    for (const at of [0, 5, -1]) {
      const { lower, higher, net, linked, pass, words } = await setup([carol])
      await linked()
      onTheWay(net, (payload, place, { to }) => {
        if (payload.kind !== 'packet' || to !== bob || place !== 1) return [payload]
        const sealed = new Uint8Array(payload.sealed)
        const index = at < 0 ? sealed.byteLength + at : at
        sealed[index] = (sealed[index] ?? 0) ^ 1
        return [{ ...payload, sealed }]
      })
      send(lower, 'one', 'two', 'three')
      await pass(100)
      expect(higher.reasons).toEqual([expect.stringMatching(/changed them/)])
      expect(words()).toEqual(['one'])
    }
  })

  test('and sends back to the sender what it said is not taken for the other', async () => {
    const { lower, net, linked, pass } = await setup([carol])
    await linked()
    const kept: Parameters<typeof passed>[1][] = []
    onTheWay(net, (payload) => {
      kept.push(payload)
      return [payload]
    })
    send(lower, 'echo')
    await pass(20)
    for (const payload of kept) net.say(carol, alice, passed(bob.sessionId, payload))
    await pass(20)
    expect(lower.packets).toEqual([])
  })

  test('cannot put itself in between: who shows a credential must have its key', async () => {
    const { lower, higher, net, pass } = await setup([carol])
    // It passes nothing on, and makes up both sides with their own credentials.
    onTheWay(net, () => [])
    for (const epoch of [1, 2, 7]) {
      net.say(
        carol,
        bob,
        passed(alice.sessionId, { kind: 'offer', epoch, credential: alice.sessionId, random }),
      )
      await pass(20)
      const sealed = new Uint8Array(17)
      net.say(carol, bob, passed(alice.sessionId, { kind: 'packet', epoch, number: 0, sealed }))
      net.say(carol, alice, passed(bob.sessionId, { kind: 'knock', epoch, credential: bob.sessionId }))
      await pass(20)
      const offer = said(net, alice, carol).length
      expect(offer).toBeGreaterThan(0)
      for (let forged = 1; forged < 20; forged++) {
        const answer = {
          kind: 'answer',
          epoch: forged,
          credential: bob.sessionId,
          random,
          proof: sealed,
        } as const
        net.say(carol, alice, passed(bob.sessionId, answer))
      }
      await pass(20)
    }
    expect([lower.links.length, higher.links.length]).toEqual([0, 0])
    await pass(10_000)
    net.tamper = ({ message }) => [message]

    // And what it made up is in nobody's way.
    lower.linker.open(bob, false)
    await pass(50)
    expect([lower.links.length, higher.links.length]).toEqual([1, 1])
  })

  test('cannot count a pair to its end', async () => {
    const { lower, higher, net, linked, pass, words } = await setup()
    await linked()
    for (const epoch of [2, 2 ** 31, 2 ** 31 + 1, Number.MAX_SAFE_INTEGER]) {
      for (const relay of [carol, dave]) {
        const offer = { kind: 'offer', epoch, credential: alice.sessionId, random } as const
        net.say(relay, bob, passed(alice.sessionId, offer))
        net.say(relay, alice, passed(bob.sessionId, { kind: 'knock', epoch, credential: bob.sessionId }))
      }
      await pass(100)
    }
    send(lower, 'still here')
    await pass(20)
    expect(words()).toEqual(['still here'])
    await pass(10_000)
    // Whoever passes on can have the link opened anew, but the pair counts on by itself.
    const count = higher.links.length
    lower.link.close()
    await pass(20)
    lower.linker.open(bob, false)
    await pass(50)
    expect(higher.links).toHaveLength(count + 1)
    expect(higher.link.epoch).toBe(lower.link.epoch)
    expect(higher.link.epoch).toBeLessThan(20)
  })

  test('cannot draw a pair to itself: a knock counts when there is no link, of its own or over another', async () => {
    const world = await setup()
    const { lower, higher, net, linked, pass } = world
    await linked()
    const other = (await world.via()) === carol ? dave : carol
    const knock = passed(bob.sessionId, { kind: 'knock', epoch: 1, credential: bob.sessionId })
    for (let i = 0; i < 20; i++) {
      net.say(other, alice, knock)
      await pass(1_000)
    }
    expect([lower.links.length, higher.links.length]).toEqual([1, 1])

    const direct = await setup([carol])
    direct.net.connect(alice, bob)
    direct.net.say(carol, alice, knock)
    await direct.pass(100)
    expect(said(direct.net, alice, carol)).toEqual([])
  })

  test('gets a genuine knock answered when the link that was there is found to be dead', async () => {
    const world = await setup()
    const { higher, net, linked, pass } = world
    await linked()
    const via = await world.via()
    // Bob alone loses the relay.
    net.tamper = ({ from, to, message }) => ([from, to].includes(via) ? [] : [message])
    higher.link.close()
    higher.linker.open(alice, false)
    await pass(5_000)
    expect(higher.links).toHaveLength(2)
    expect((await higher.link.describe()).via).not.toBe(via.userId)
  })

  test('cannot say that something is from somebody whose credential it is not', async () => {
    const { higher, net, pass } = await setup([carol])
    for (const credential of [carol.sessionId, '', 'x'.repeat(800)])
      net.say(carol, bob, passed(alice.sessionId, { kind: 'offer', epoch: 1, credential, random }))
    const own = { kind: 'offer', epoch: 1, credential: carol.sessionId, random } as const
    net.say(carol, bob, passed(carol.sessionId, own))
    net.say(carol, bob, passed(bob.sessionId, { ...own, credential: bob.sessionId }))
    await pass(100)
    expect(said(net, bob, carol)).toEqual([])
    expect(higher.heard).toEqual([])
  })

  test('can make nobody work without end: fifty greetings at once, then five a second', async () => {
    const { net, pass } = await setup([carol])
    for (let i = 0; i < 5_000; i++)
      net.say(
        carol,
        bob,
        passed(alice.sessionId, { kind: 'offer', epoch: i + 1, credential: alice.sessionId, random }),
      )
    await pass(1_000)
    const answers = said(net, bob, carol).length
    expect(answers).toBeLessThan(50 * 2)
    expect(answers).toBeGreaterThan(0)
  })

  test('is not believed when it refuses for somebody else, or for a link that goes over another', async () => {
    const world = await setup()
    const { lower, net, linked, pass } = world
    await linked()
    const via = await world.via()
    const other = via === carol ? dave : carol
    const refused = { kind: 'refused', session: bob.sessionId, reason: 'busy' } as const
    net.say(other, alice, encodeRelayMessage(refused))
    await pass(20)
    expect(lower.heard).toEqual([])
    net.say(via, alice, encodeRelayMessage(refused))
    expect(lower.reasons).toEqual([expect.stringMatching(/can take no more now/)])
  })

  test('that sends rubbish changes nothing', async () => {
    const { lower, higher, net, linked, pass, words } = await setup([carol])
    await linked()
    for (const to of [alice, bob])
      for (let length = 0; length < 64; length++)
        for (const fill of [0, 1, 2, 3, 4, 5, 255]) net.say(carol, to, new Uint8Array(length).fill(fill))
    send(lower, 'well')
    await pass(20)
    expect(words()).toEqual(['well'])
    expect([lower.heard, higher.heard]).toEqual([[], []])
  })
})

describe('The other end of a relayed link', () => {
  test('is as bounded as any: what it floods, or makes up, costs it the link', async () => {
    const { lower, higher, linked, pass } = await setup([carol])
    await linked()
    const link = higher.link as RelayLink
    const owner = link['owner']
    const { stream } = link as unknown as {
      stream: { seal(packet: Uint8Array): Promise<{ number: number; sealed: Uint8Array<ArrayBuffer> }> }
    }
    // A piece of one message, and then one of another.
    for (const packet of [
      [1, 0, 7, 7],
      [1, 10, 7, 7],
    ]) {
      const { number, sealed } = await stream.seal(new Uint8Array(packet))
      owner.pass(link, number, sealed)
    }
    await pass(100)
    expect(lower.reasons).toEqual([expect.stringMatching(/what no relayed link carries/)])
  })
})

describe('A goodbye over a relay', () => {
  const goodbye = [4, 0]

  test('leaves in the turn in which it is said', async () => {
    const { lower, higher, net, linked, pass } = await setup([carol])
    await linked()
    await pass(20)
    net.hops.length = 0
    lower.link.goodbye?.()
    expect(said(net, alice, carol)).toMatchObject([{ kind: 'pass', to: bob.sessionId }])
    await pass(20)
    expect(higher.packets.map((packet) => [...packet])).toEqual([goodbye])
  })

  test('cannot be made up, and counts once', async () => {
    const { higher, net, linked, pass } = await setup([carol])
    await linked()
    const sealed = new Uint8Array(18)
    net.say(carol, bob, passed(alice.sessionId, { kind: 'farewell', epoch: 2, sealed }))
    await pass(20)
    expect(higher.heard).toEqual([])
    for (let i = 0; i < 100; i++)
      net.say(carol, bob, passed(alice.sessionId, { kind: 'farewell', epoch: 1, sealed }))
    await pass(20)
    expect(higher.packets).toEqual([])
    expect(higher.reasons).toEqual([expect.stringMatching(/changed them/)])
  })
})
