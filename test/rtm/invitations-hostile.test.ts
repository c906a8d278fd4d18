import { describe, expect, test } from 'vitest'

import { fromHex } from '../../src/base/bytes.ts'
import type { InvitationFile } from '../../src/rtm/invitations/invitations.ts'
import {
  decodeInvitationMessage,
  encodeInvitationMessage,
  type InvitationMessage,
} from '../../src/protocol/invitation-messages.ts'
import { decodeItem, encodeItem } from '../../src/protocol/items.ts'
import { type Page, setup } from './setup.ts'

async function three() {
  const world = setup()
  const pages: Page[] = []
  for (const name of ['alice', 'bob', 'mallory']) {
    const page = await world.loggedIn(name)
    await page.engine.invitations.prepare()
    pages.push(page)
  }
  const [alice, bob, mallory] = pages
  if (!alice || !bob || !mallory) throw new Error('nobody is there')
  /** What Mallory's page would never say by itself. */
  const say = (to: Page, message: InvitationMessage): void => {
    const bytes = encodeItem({ kind: 'invitation', message: encodeInvitationMessage(message) })
    mallory.session.mesh.send(to.peer, bytes, () => undefined)
  }
  return { ...world, alice, bob, mallory, say }
}

const idOf = (page: { record: { id: string | undefined } }) =>
  fromHex(page.record.id ?? '') ?? new Uint8Array()
const number = (i: number) => new Uint8Array(16).fill(i % 256).map((byte, at) => (at === 0 ? i >> 8 : byte))

describe('Somebody else', () => {
  test('cannot answer an invitation, nor take it back, nor settle it', async () => {
    const { alice, bob, pass, say } = await three()
    const call = alice.invitation('bob', 'private')
    call.send()
    await pass(200)
    const id = idOf(call)
    const [incoming] = bob.invited
    for (const type of ['accept', 'refuse'] as const) say(alice, { type, id, response: 'made up' })
    for (const type of ['received', 'confirmed', 'gave-up'] as const) say(alice, { type, id })
    say(bob, { type: 'cancel', id })
    for (const outcome of ['accepted', 'refused', 'canceled', 'expired', 'failed', 'unknown'] as const)
      say(bob, { type: 'settled', id, outcome })
    await pass(500)
    expect([call.state, incoming?.state]).toEqual(['received', 'received'])
    incoming?.accept('yes')
    await pass(200)
    expect([call.state, call.response]).toEqual(['accepted', 'yes'])
  })

  test('may use the id of an invitation of others: it is another one', async () => {
    const { alice, bob, pass, say } = await three()
    const call = alice.invitation('bob')
    call.send()
    await pass(200)
    say(bob, { type: 'invite', id: idOf(call), channelId: null, content: 'mine' })
    await pass(200)
    expect(bob.invited.map(({ record }) => record.callerId)).toEqual(['alice', 'mallory'])
  })

  test('who invites too often at once is not answered beyond 64; others are', async () => {
    const { alice, bob, pass, say } = await three()
    for (let i = 0; i < 100; i++)
      say(bob, { type: 'invite', id: number(i), channelId: null, content: 'spam' })
    await pass(500)
    expect(bob.invited).toHaveLength(64)
    expect(bob.problems.filter((line) => line.startsWith('Too many call invitations'))).toHaveLength(1)
    const call = alice.invitation('bob')
    call.send()
    await pass(200)
    expect(call.state).toBe('received')
  })

  test('who accepts what was never sent is told that nobody knows it', async () => {
    const { alice, mallory, pass, say } = await three()
    const heard: InvitationMessage[] = []
    const { receive } = mallory.engine.invitations
    mallory.engine.invitations.receive = (...all) => {
      heard.push(...[decodeInvitationMessage(all[2])].filter((message) => message !== undefined))
      receive.apply(mallory.engine.invitations, all)
    }
    say(alice, { type: 'accept', id: number(7), response: null })
    await pass(200)
    expect(heard).toMatchObject([{ type: 'settled', outcome: 'unknown' }])
    expect(alice.log).toEqual([])
  })

  test('may say anything in any order: nothing is thrown, and nothing is left', async () => {
    const { alice, bob, pass, say } = await three()
    const types = ['received', 'cancel', 'confirmed', 'gave-up'] as const
    for (let i = 0; i < 300; i++) {
      const [to, id] = [i % 2 ? alice : bob, number(i % 7)]
      const type = types[i % 4] ?? 'cancel'
      say(to, i % 5 === 0 ? { type: 'invite', id, channelId: 'x', content: null } : { type, id })
      if (i % 3 === 0) say(to, { type: 'settled', id, outcome: 'accepted' })
      if (i % 11 === 0) say(to, { type: 'accept', id, response: 'x' })
    }
    await pass(100_000)
    for (const { invited } of [alice, bob])
      expect(invited.every(({ state }) => state === 'failed' || state === 'canceled')).toBe(true)
  })
})

describe('Who calls and ends it over and over', () => {
  /** Mallory calls Bob and takes it back, this often. */
  async function flood(world: Awaited<ReturnType<typeof three>>, times: number): Promise<void> {
    for (let i = 0; i < times; i++) {
      world.say(world.bob, { type: 'invite', id: number(i), channelId: null, content: null })
      world.say(world.bob, { type: 'cancel', id: number(i) })
      if (i % 50 === 0) await world.pass(30)
    }
    await world.pass(200)
  }

  test("makes a page forget nothing of others' invitations: none of them rings again", async () => {
    const world = await three()
    const { alice, bob, pass } = world
    const call = alice.invitation('bob', 'once')
    call.send()
    await pass(200)
    const id = idOf(call)
    call.cancel()
    await pass(200)
    await flood(world, 2_100)
    const ofAlice = bob.log.filter((line) => line.startsWith('call of alice'))
    const bytes = encodeInvitationMessage({ type: 'invite', id, channelId: null, content: 'once' })
    alice.session.mesh.send(bob.peer, encodeItem({ kind: 'invitation', message: bytes }), () => undefined)
    await pass(200)
    expect(bob.log.filter((line) => line.startsWith('call of alice'))).toEqual(ofAlice)
  })

  test('cannot have another call accepted under the id of an earlier one', async () => {
    const world = await three()
    const { bob, mallory, pass, say } = world
    mallory.engine.invitations.receive = () => undefined
    await flood(world, 2_100)
    const [first] = bob.invited
    say(bob, { type: 'invite', id: number(0), channelId: null, content: 'another' })
    await pass(200)
    const latest = bob.invited.at(-1)
    expect([latest?.record.content, latest?.state]).toEqual(['another', 'received'])
    expect(first?.accept()).toBe('invitation-ended')
    expect(latest?.state).toBe('received')
  })
})

describe('A page of an earlier version', () => {
  test('ignores invitations, and goes on with what is sent after them', async () => {
    const { alice, bob, pass } = await three()
    // As its decoder answers: an item of a kind that it does not know.
    const { mesh } = alice.session
    expect(decodeItem(new Uint8Array([11, 1, 2, 3]))).toBeUndefined()
    mesh.send(bob.peer, new Uint8Array([11, 1, 2, 3]), () => undefined)
    const sent = alice.send('bob', 'still here')
    await pass(200)
    expect(sent.outcome).toBe('ok')
    expect(bob.log).toEqual(['message from alice: still here'])
  })
})

describe('Where the file for invitations', () => {
  /** A page whose file comes when the test says so. */
  function late(page: Page) {
    let arrive: (file: InvitationFile) => void = () => undefined
    let fail: (error: Error) => void = () => undefined
    let loads = 0
    const { loadInvitations } = page.surroundings
    page.surroundings.loadInvitations = () => {
      loads += 1
      return new Promise((resolve, reject) => ([arrive, fail] = [resolve, reject]))
    }
    return {
      arrive: async () => arrive(await loadInvitations()),
      fail: () => fail(new Error('no network')),
      loads: () => loads,
    }
  }

  test('is slow, calls and messages wait for it, in order', async () => {
    const { loggedIn, pass } = setup()
    const [alice, bob] = [await loggedIn('alice'), await loggedIn('bob')]
    const [hers, his] = [late(alice), late(bob)]
    const [first, second] = [alice.invitation('bob', 'one'), alice.invitation('bob', 'two')]
    first.send()
    second.send()
    first.cancel()
    await pass(1_000)
    expect([first.state, second.state]).toEqual(['idle', 'idle'])
    await hers.arrive()
    await pass(1_000)
    expect([first.state, second.state]).toEqual(['canceled', 'sent'])
    expect(bob.invited).toEqual([])
    await his.arrive()
    await pass(100)
    expect(bob.invited.map(({ record }) => record.content)).toEqual(['two'])
    expect(second.state).toBe('received')
  })

  test('is slow, who calls and leaves meanwhile does not ring', async () => {
    const { loggedIn, pass } = setup()
    const [alice, bob] = [await loggedIn('alice'), await loggedIn('bob')]
    await alice.engine.invitations.prepare()
    const his = late(bob)
    alice.invitation('bob', 'gone').send()
    await pass(200)
    alice.logout()
    await pass(200)
    await his.arrive()
    await pass(100)
    expect(his.loads()).toBe(1)
    expect(bob.invited).toEqual([])
  })

  test('does not come, an invitation fails after 30 s, a line says why, and it is asked for again', async () => {
    const { loggedIn, pass } = setup()
    const alice = await loggedIn('alice')
    const hers = late(alice)
    const call = alice.invitation('bob')
    call.send()
    for (let i = 0; i < 6; i++) {
      hers.fail()
      await pass(5_000)
    }
    await pass(10)
    expect(alice.log).toEqual(['my call: remote-no-response'])
    expect(call.state).toBe('failed')
    expect(alice.problems[0]).toMatch(/^The part of the library for call invitations could not be loaded/)
    expect(hers.loads()).toBeLessThanOrEqual(7)
    hers.fail()
    await pass(0)
    const again = alice.invitation('alice')
    again.send()
    await pass(0)
    await hers.arrive()
    await pass(10)
    expect(again.state).toBe('received')
  })

  test('is not there at the logout, what waits for it fails', async () => {
    const { loggedIn, pass } = setup()
    const alice = await loggedIn('alice')
    late(alice)
    const call = alice.invitation('bob')
    call.send()
    alice.logout()
    await pass(0)
    expect(alice.log).toEqual(['my call: not-logged-in', 'logout: ok', 'disconnected (logout)'])
  })
})
