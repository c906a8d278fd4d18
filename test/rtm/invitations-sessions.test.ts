import { describe, expect, test } from 'vitest'

import { fromHex } from '../../src/base/bytes.ts'
import { encodeInvitationMessage, type InvitationMessage } from '../../src/protocol/invitation-messages.ts'
import { encodeItem } from '../../src/protocol/items.ts'
import { type Page, setup, text } from './setup.ts'

async function pair() {
  const world = setup()
  const [alice, bob] = [await world.loggedIn('alice'), await world.loggedIn('bob')]
  for (const page of [alice, bob]) await page.engine.invitations.prepare()
  return { ...world, alice, bob }
}

async function ringing() {
  const world = await pair()
  const call = world.alice.invitation('bob', 'lunch?')
  call.send()
  await world.pass(200)
  const [incoming] = world.bob.invited
  if (!incoming) throw new Error('Bob was not called')
  world.alice.news()
  world.bob.news()
  /** What Alice's page would not say by itself. */
  const say = (message: InvitationMessage): void => {
    const bytes = encodeItem({ kind: 'invitation', message: encodeInvitationMessage(message) })
    world.alice.session.mesh.send(world.bob.peer, bytes, () => undefined)
  }
  return { ...world, call, incoming, say, id: fromHex(call.record.id ?? '') ?? new Uint8Array() }
}

describe('A caller whose page was put away, and is shown again', () => {
  test('hears at once that the invitation is over with the callee, which heard a goodbye', async () => {
    const { alice, bob, call, incoming, pass } = await ringing()
    alice.session.pause()
    await pass(2_000)
    expect(bob.log).toEqual(['call of alice: local-offline'])
    alice.session.resume()
    await pass(3_000)
    expect(alice.log).toEqual(['my call: remote-offline'])
    expect([call.state, incoming.state]).toEqual(['failed', 'failed'])
  })

  test('goes on calling one who did not hear its goodbye, without a second event', async () => {
    const { alice, bob, call, incoming, pass } = await ringing()
    alice.session.resume()
    await pass(3_000)
    expect([...alice.log, ...bob.log]).toEqual([])
    incoming.accept('here')
    await pass(2_000)
    expect([call.state, incoming.state]).toEqual(['accepted', 'accepted'])
  })
})

describe('A login that ends', () => {
  test('while an invitation waits behind an offline message takes none, and the next one can call and be called', async () => {
    const { alice, bob, pass } = await pair()
    bob.browser.delayMs = () => 1_000
    const item = {
      kind: 'offline-message',
      id: new Uint8Array(16),
      sentAt: 1,
      content: text('hi'),
    } as const
    alice.session.mesh.send(bob.peer, encodeItem(item), () => undefined)
    const lost = alice.invitation('bob', 'too late')
    lost.send()
    await pass(200)
    expect(bob.log).toEqual([])
    bob.logout()
    bob.browser.delayMs = () => 0
    await pass(2_000)
    expect(bob.invited).toEqual([])
    lost.cancel()
    bob.login()
    await pass(2_000)
    const [there, back] = [alice.invitation('bob', 'there'), bob.invitation('alice', 'back')]
    there.send()
    back.send()
    await pass(2_000)
    expect([there.state, back.state]).toEqual(['received', 'received'])
  })

  test('asks nobody any more where a callee is, also when its last invitation is given up later', async () => {
    const { alice, network, pass } = await pair()
    network.part(() => true)
    network.refusal = () => 'No path'
    alice.invitation('bob').send()
    await pass(100)
    let questions = 0
    alice.session.whereabouts.find = () => {
      questions += 1
      return Promise.resolve(undefined)
    }
    alice.logout()
    alice.login()
    await pass(100)
    alice.invitation('carol').send()
    await pass(20_000)
    expect(questions).toBe(0)
  })
})

describe('A callee that has not answered', () => {
  test.each(['accepted', 'refused'] as const)(
    'and is told that it was %s, elsewhere, rings no longer, and has accepted nothing',
    async (outcome) => {
      const { bob, incoming, pass, say, id } = await ringing()
      say({ type: 'settled', id, outcome })
      await pass(200)
      expect(bob.log).toEqual(['call of alice: expired'])
      expect(incoming.accept()).toBe('invitation-ended')
    },
  )

  test('that wants to accept what was refused elsewhere fails; so does a refusal of what was accepted', async () => {
    const { alice, bob, incoming, pass, say, id, call } = await ringing()
    const other = alice.invitation('bob')
    other.send()
    await pass(200)
    bob.news()
    const { answered } = swallow(alice)
    incoming.accept()
    bob.invited[1]?.refuse()
    await pass(200)
    expect(answered()).toBe(2)
    say({ type: 'settled', id, outcome: 'refused' })
    say({
      type: 'settled',
      id: fromHex(other.record.id ?? '') ?? new Uint8Array(),
      outcome: 'accepted',
    })
    await pass(200)
    expect(bob.log).toEqual(['call of alice: accept-failure', 'call of alice: expired'])
    expect(call.state).toBe('received')
  })
})

/** What is said of this page's invitations does not reach it. */
function swallow(page: Page): { answered: () => number } {
  let count = 0
  page.engine.invitations.receive = () => void (count += 1)
  return { answered: () => count }
}
