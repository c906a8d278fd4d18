import { describe, expect, test } from 'vitest'

import type { Bytes } from '../../src/base/bytes.ts'
import { setup, type Page } from './setup.ts'

type World = ReturnType<typeof setup>

/** Users who are logged in, with what invitations need. */
async function callers(world: World, ...names: string[]): Promise<Page[]> {
  const pages: Page[] = []
  for (const name of names) {
    const page = await world.loggedIn(name)
    await page.engine.invitations.prepare()
    pages.push(page)
  }
  return pages
}

async function pair() {
  const world = setup()
  const [alice, bob] = (await callers(world, 'alice', 'bob')) as [Page, Page]
  return { ...world, alice, bob }
}

/** Alice calls Bob, who has it. */
async function ringing() {
  const world = await pair()
  const call = world.alice.invitation('bob', 'lunch?', 'room 7')
  expect(call.send()).toBe('ok')
  await world.pass(200)
  const [incoming] = world.bob.invited
  if (!incoming) throw new Error('Bob was not called')
  world.alice.news()
  world.bob.news()
  return { ...world, call, incoming }
}

/** Nobody is linked from now on, and told nothing of it, until it is undone. */
function cut({ network }: World): () => void {
  const rejoin = network.part(() => true)
  network.refusal = () => 'No path'
  return () => {
    network.refusal = () => undefined
    rejoin()
  }
}

describe('An invitation with its caller', () => {
  test('is sent, and received by the callee: it has what was sent, and the caller is told', async () => {
    const { alice, bob, pass } = await pair()
    const call = alice.invitation('bob', 'lunch?', 'room 7')
    expect(call.state).toBe('idle')
    expect(call.send()).toBe('ok')
    expect(call.state).toBe('sent')
    await pass(200)
    expect(bob.invited[0]?.record).toMatchObject({
      callerId: 'alice',
      content: 'lunch?',
      channelId: 'room 7',
    })
    expect(bob.log).toEqual(['call of alice: received'])
    expect(alice.log).toEqual(['my call: received'])
    expect(call.state).toBe('received')
  })

  test('fails at once when nobody is logged in', async () => {
    const { page, pass } = setup()
    const alice = page('alice')
    const call = alice.invitation('bob')
    call.send()
    await pass(0)
    expect(call.state).toBe('failed')
    expect(alice.log).toEqual(['my call: not-logged-in'])
  })

  test('fails when the callee was offline for 30 s', async () => {
    const world = setup()
    const [alice] = await callers(world, 'alice')
    const call = alice?.invitation('bob')
    call?.send()
    await world.pass(29_900)
    expect(call?.state).toBe('sent')
    await world.pass(200)
    expect(alice?.log).toEqual(['my call: remote-offline'])
    expect(call?.state).toBe('failed')
  })

  test('reaches a callee that logs in within the 30 s', async () => {
    const world = setup()
    const [alice] = await callers(world, 'alice')
    const call = alice?.invitation('bob', 'there?')
    call?.send()
    await world.pass(27_000)
    const bob = await world.loggedIn('bob')
    await world.pass(2_500)
    expect(bob.log).toEqual(['call of alice: received'])
    expect(alice?.log).toEqual(['my call: received'])
  })

  test('fails when the callee was online and gave no sign for 30 s, and the callee that has it late is told', async () => {
    const world = await pair()
    const { alice, bob, pass } = world
    const undo = cut(world)
    const call = alice.invitation('bob')
    call.send()
    await pass(30_100)
    expect(alice.log).toEqual(['my call: remote-no-response'])
    undo()
    await pass(15_000)
    expect(bob.log.filter((line) => line === 'call of alice: received').length).toBeLessThanOrEqual(1)
    expect(bob.invited.every(({ state }) => state === 'failed')).toBe(true)
  })

  test.each(['before the callee has it', 'after'])('is canceled, %s: both are told', async (when) => {
    const { alice, bob, pass } = await pair()
    const call = alice.invitation('bob')
    call.send()
    if (when === 'after') await pass(200)
    alice.news()
    expect(call.cancel()).toBe('ok')
    expect(call.state).toBe('canceled')
    expect(alice.log).toEqual(['my call: canceled'])
    await pass(1_000)
    const told = when === 'after' ? ['call of alice: received', 'call of alice: canceled'] : []
    expect(bob.log).toEqual(told)
  })

  test('is accepted by the callee: both are told, the caller with the response', async () => {
    const { alice, bob, call, incoming, pass } = await ringing()
    expect(incoming.accept('in a minute')).toBe('ok')
    expect(incoming.state).toBe('accept-sent')
    await pass(200)
    expect(bob.log).toEqual(['call of alice: accepted'])
    expect(alice.log).toEqual(['my call: accepted (in a minute)'])
    expect([call.state, call.response, incoming.state]).toEqual(['accepted', 'in a minute', 'accepted'])
  })

  test('is refused by the callee: both are told, the caller with the response', async () => {
    const { alice, bob, call, incoming, pass } = await ringing()
    expect(incoming.refuse('busy')).toBe('ok')
    await pass(200)
    expect(bob.log).toEqual(['call of alice: refused'])
    expect(alice.log).toEqual(['my call: refused (busy)'])
    expect([call.state, call.response, incoming.state]).toEqual(['refused', 'busy', 'refused'])
  })

  test('expires 60 s after the callee had it, with both', async () => {
    const { alice, bob, call, incoming, pass } = await ringing()
    await pass(59_500)
    expect(call.state).toBe('received')
    await pass(600)
    expect(alice.log).toEqual(['my call: expired'])
    expect(bob.log).toEqual(['call of alice: expired'])
    expect([call.state, incoming.state]).toEqual(['failed', 'failed'])
  })

  test('fails when the caller logs out; the callee is told at once', async () => {
    const { alice, bob, call, incoming, pass } = await ringing()
    alice.logout()
    await pass(100)
    expect(alice.log.slice(0, 2)).toEqual(['my call: not-logged-in', 'logout: ok'])
    expect(bob.log).toEqual(['call of alice: local-offline'])
    expect([call.state, incoming.state]).toEqual(['failed', 'failed'])
  })

  test('fails when the caller is replaced by another login of the same user', async () => {
    const { call, incoming, loggedIn, pass } = await ringing()
    await loggedIn('alice')
    await pass(100)
    expect([call.state, incoming.state]).toEqual(['failed', 'failed'])
  })

  test('fails when the callee logs out', async () => {
    const { alice, bob, call, incoming, pass, network } = await ringing()
    // A link is faster than the way over the server.
    network.delayMs = 3
    bob.logout()
    await pass(100)
    expect(bob.log[0]).toBe('call of alice: local-offline')
    expect(alice.log).toEqual(['my call: remote-offline'])
    expect([call.state, incoming.state]).toEqual(['failed', 'failed'])
  })

  test('rings on in the next page of a callee that reloads, and is acknowledged once', async () => {
    const { alice, bob, call, loggedIn, pass } = await ringing()
    bob.session.close()
    await pass(500)
    const again = await loggedIn('bob')
    await pass(3_000)
    expect(again.log).toEqual(['call of alice: received'])
    expect(alice.log).toEqual([])
    expect(again.invited[0]?.accept('here')).toBe('ok')
    await pass(200)
    expect([call.state, again.invited[0]?.state]).toEqual(['accepted', 'accepted'])
  })

  test('rings on when the page of the callee was put away and is shown again', async () => {
    const { alice, bob, call, incoming, pass } = await ringing()
    bob.session.pause()
    await pass(3_000)
    bob.session.resume()
    await pass(5_000)
    expect([...alice.log, ...bob.log].filter((line) => line.includes('call'))).toEqual([])
    expect(incoming.accept('back')).toBe('ok')
    await pass(500)
    expect([call.state, incoming.state]).toEqual(['accepted', 'accepted'])
  })

  test('rings where the callee logs in next, when that replaces the session that it rang in', async () => {
    const { bob, call, incoming, loggedIn, pass } = await ringing()
    const elsewhere = await loggedIn('bob')
    await pass(3_000)
    expect(incoming.state).toBe('failed')
    expect(bob.log[0]).toBe('call of alice: local-offline')
    expect(elsewhere.log).toEqual(['call of alice: received'])
    expect(elsewhere.invited[0]?.refuse()).toBe('ok')
    await pass(200)
    expect(call.state).toBe('refused')
  })

  test('fails at once when 512 of this user wait for an answer, and a line says so', async () => {
    const world = setup()
    const [alice] = await callers(world, 'alice')
    if (!alice) return
    for (let i = 0; i < 512; i++) expect(alice.invitation('bob').send()).toBe('ok')
    expect(alice.log).toEqual([])
    expect(alice.invitation('bob').send()).toBe('ok')
    expect(alice.log).toEqual(['my call: remote-no-response'])
    expect(alice.problems).toEqual(['More than 512 call invitations wait for an answer'])
  })

  test('is asked for at the server once in 2 s, however many are sent to users who are offline', async () => {
    const world = setup()
    const [alice] = await callers(world, 'alice')
    if (!alice) return
    let finds = 0
    const { realm } = world
    const { find } = realm
    realm.find = (userIds) => {
      finds += 1
      return find.call(realm, userIds)
    }
    for (let i = 0; i < 200; i++) alice.invitation(`user ${i}`).send()
    await world.pass(30_000)
    expect(alice.log.filter((line) => line === 'my call: remote-offline')).toHaveLength(200)
    expect(finds).toBeGreaterThan(10)
    expect(finds).toBeLessThanOrEqual(17)
  })
})

describe('An invitation with its callee', () => {
  test('fails when the caller does not settle an acceptance for 10 s, and then with the caller too', async () => {
    const world = await ringing()
    const { alice, bob, call, incoming, pass, network } = world
    // The caller hears, and what it says is swallowed.
    const restore = swallowInvitations(alice)
    incoming.accept()
    await pass(9_900)
    expect(incoming.state).toBe('accept-sent')
    expect(call.state).toBe('received')
    expect(call.cancel()).toBe('invitation-ended')
    await pass(200)
    expect(bob.log).toEqual(['call of alice: accept-failure'])
    restore()
    await pass(200)
    expect(alice.log).toEqual(['my call: remote-no-response'])
    expect(network.openLinkCount).toBe(2)
  })

  test('fails with both when the link is lost for long after an acceptance', async () => {
    const world = await ringing()
    const { bob, call, incoming, pass } = world
    const undo = cut(world)
    incoming.accept()
    await pass(19_900)
    expect(incoming.state).toBe('accept-sent')
    await pass(200)
    expect(bob.log).toEqual(['call of alice: accept-failure'])
    undo()
    await pass(20_000)
    expect([call.state, incoming.state]).toEqual(['failed', 'failed'])
  })

  test('is accepted when the link is lost for less than 10 s', async () => {
    const world = await ringing()
    const { call, incoming, pass } = world
    const undo = cut(world)
    incoming.accept()
    await pass(9_500)
    undo()
    await pass(10_000)
    expect([call.state, incoming.state]).toEqual(['accepted', 'accepted'])
  })

  test('ends canceled when the caller canceled before the acceptance came', async () => {
    const { alice, bob, call, incoming, pass } = await ringing()
    expect(incoming.accept()).toBe('ok')
    expect(call.cancel()).toBe('ok')
    await pass(200)
    expect(alice.log).toEqual(['my call: canceled'])
    expect(bob.log).toEqual(['call of alice: canceled'])
  })

  test('ends canceled when the caller canceled before the refusal came', async () => {
    const { bob, call, incoming, pass } = await ringing()
    expect(incoming.refuse()).toBe('ok')
    expect(call.cancel()).toBe('ok')
    await pass(200)
    expect(bob.log).toEqual(['call of alice: canceled'])
    expect(call.state).toBe('canceled')
  })

  test('is refused after 10 s all the same when the caller says nothing', async () => {
    const { alice, bob, incoming, pass } = await ringing()
    const restore = swallowInvitations(alice)
    incoming.refuse()
    await pass(9_900)
    expect(bob.log).toEqual([])
    await pass(200)
    expect(bob.log).toEqual(['call of alice: refused'])
    restore()
  })

  test('fails at once when the caller closes its page', async () => {
    const { alice, bob, incoming, pass } = await ringing()
    alice.session.close()
    await pass(100)
    expect(bob.log).toEqual(['call of alice: local-offline'])
    expect(incoming.accept()).toBe('invitation-ended')
  })

  test('fails when the caller vanishes and is offline', async () => {
    const { alice, bob, incoming, pass } = await ringing()
    alice.crash()
    await pass(30_000)
    expect(incoming.state).toBe('received')
    await pass(7_000)
    expect(bob.log).toEqual(['call of alice: local-offline'])
  })

  test('fails when the caller vanishes where no server tells of it', async () => {
    const { alice, bob, incoming, pass, realm } = await ringing()
    realm.stop()
    alice.crash()
    await pass(30_000)
    expect(incoming.state).toBe('received')
    await pass(7_000)
    expect(bob.log.filter((line) => line.startsWith('call'))).toEqual(['call of alice: local-offline'])
  })

  test('fails when it is accepted and nothing was heard of the caller for 31 s', async () => {
    const { alice, bob, incoming, pass, realm } = await ringing()
    realm.stop()
    alice.crash()
    // The look at callers comes every 5 s.
    await pass(32_000)
    if (incoming.state === 'received') expect(incoming.accept()).toBe('ok')
    expect(bob.log.filter((line) => line.startsWith('call'))).toEqual(['call of alice: local-offline'])
  })

  test('expires 20 s after its 60 s at the latest when the caller says nothing', async () => {
    const { alice, bob, incoming, pass } = await ringing()
    const restore = swallowInvitations(alice)
    await pass(69_000)
    expect(incoming.state).toBe('received')
    await pass(11_200)
    expect(bob.log).toEqual(['call of alice: expired'])
    restore()
  })
})

describe('The calls', () => {
  test('send: once; what lives is sent already, what is over has ended', async () => {
    const { alice, pass } = await pair()
    const call = alice.invitation('bob')
    expect(call.cancel()).toBe('invitation-not-sent')
    expect(call.send()).toBe('ok')
    expect(call.send()).toBe('invitation-sent')
    await pass(200)
    expect(call.send()).toBe('invitation-sent')
    expect(call.cancel()).toBe('ok')
    expect(call.send()).toBe('invitation-ended')
    expect(call.cancel()).toBe('invitation-ended')
  })

  test('accept: once; after it neither accept nor refuse until it is settled, then it has ended', async () => {
    const { incoming, pass } = await ringing()
    expect(incoming.accept()).toBe('ok')
    expect(incoming.accept()).toBe('invitation-accepted')
    expect(incoming.refuse()).toBe('invitation-accepted')
    await pass(200)
    expect(incoming.accept()).toBe('invitation-ended')
    expect(incoming.refuse()).toBe('invitation-ended')
  })

  test('refuse: once; then it has ended', async () => {
    const { incoming, pass } = await ringing()
    expect(incoming.refuse()).toBe('ok')
    expect(incoming.refuse()).toBe('invitation-ended')
    expect(incoming.accept()).toBe('invitation-ended')
    await pass(200)
    expect(incoming.refuse()).toBe('invitation-ended')
  })

  test('refuse what is over: content over 8 KB, a channel id over 64 bytes, a callee id that is none', async () => {
    const { alice, incoming, bob, pass } = await ringing()
    expect(alice.invitation('bob', 'é'.repeat(4_096), 'c'.repeat(64)).send()).toBe('ok')
    expect(alice.invitation('bob', `${'é'.repeat(4_096)}x`).send()).toBe('invalid-invitation')
    expect(alice.invitation('bob', null, 'c'.repeat(65)).send()).toBe('invalid-invitation')
    expect(alice.invitation('bob', 7).send()).toBe('invalid-invitation')
    for (const callee of ['', 'null', 'a'.repeat(65), 'é', undefined, 7])
      expect(alice.invitation(callee).send()).toBe('invalid-invitation')
    expect(incoming.accept('é'.repeat(4_097))).toBe('invalid-invitation')
    expect(incoming.refuse(7)).toBe('invalid-invitation')
    expect(incoming.accept('é'.repeat(4_096))).toBe('ok')
    await pass(200)
    expect(bob.invited).toHaveLength(2)
  })

  test("refuse another engine's invitations", async () => {
    const { alice, bob, call, incoming } = await ringing()
    expect(call.send(bob.engine)).toBe('invalid-invitation')
    expect(call.cancel(bob.engine)).toBe('invalid-invitation')
    expect(incoming.accept(null, alice.engine)).toBe('invalid-invitation')
    expect(incoming.refuse(null, alice.engine)).toBe('invalid-invitation')
  })
})

describe('Several invitations', () => {
  test('between the same two live beside each other, both ways', async () => {
    const { alice, bob, pass } = await pair()
    const [first, second] = [alice.invitation('bob', 'one'), alice.invitation('bob', 'two')]
    const back = bob.invitation('alice', 'three')
    for (const call of [first, second, back]) expect(call.send()).toBe('ok')
    await pass(200)
    expect(bob.invited.map(({ record }) => record.content)).toEqual(['one', 'two'])
    bob.invited[1]?.accept('two it is')
    first.cancel()
    alice.invited[0]?.refuse('not three')
    await pass(200)
    expect([first.state, second.state, back.state]).toEqual(['canceled', 'accepted', 'refused'])
    expect(bob.invited.map(({ state }) => state)).toEqual(['canceled', 'accepted'])
    expect([second.response, back.response]).toEqual(['two it is', 'not three'])
  })

  test('may come from oneself', async () => {
    const { alice, pass } = await pair()
    const call = alice.invitation('alice', 'hello, me')
    expect(call.send()).toBe('ok')
    await pass(10)
    expect(alice.log).toEqual(['call of alice: received', 'my call: received'])
    alice.news()
    expect(alice.invited[0]?.accept('yes')).toBe('ok')
    await pass(10)
    expect(alice.log).toEqual(['call of alice: accepted', 'my call: accepted (yes)'])
    const second = alice.invitation('alice')
    second.send()
    await pass(10)
    second.cancel()
    await pass(10)
    expect(alice.invited[1]?.state).toBe('canceled')
  })
})

/** What this page says of invitations does not leave it until that is undone. */
function swallowInvitations(page: Page): () => void {
  const { mesh } = page.session
  const send = mesh.send.bind(mesh)
  const held: Parameters<typeof send>[] = []
  mesh.send = (...item: [Parameters<typeof send>[0], Bytes, Parameters<typeof send>[2]]) => {
    const [peer, bytes, settled] = item
    // Of kind 10.
    if (bytes[0] !== 10) return send(peer, bytes, settled)
    held.push(item)
    return { bytes, settled, since: 0 }
  }
  return () => {
    mesh.send = send
    for (const item of held) send(...item)
  }
}
