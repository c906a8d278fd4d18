import { describe, expect, onTestFinished, test } from 'vitest'

import { webCrypto } from '../../src/base/crypto.ts'
import { Trust } from '../../src/mesh/trust.ts'
import { APP } from '../support/credentials.ts'
import { serverMeeting } from './server-meeting.ts'

async function setup() {
  const meeting = await serverMeeting()
  onTestFinished(() => meeting.close())
  const up = async (user: string) => {
    const one = await meeting.arrive(user)
    await one.until(() => one.rendezvous.isUp)
    await meeting.settle()
    one.news()
    return one
  }
  const [alice, bob] = [await up('alice'), await up('bob')]
  alice.rendezvous.relay(bob.peer.sessionId, 'hello')
  await meeting.settle()
  bob.news()
  const trust = new Trust(APP, webCrypto, meeting.clock)
  await trust.addServerKeys(bob.welcomes[0]?.serverKeys ?? [])
  return { ...meeting, alice, bob, trust, credential: alice.welcomes[0]?.credential ?? '' }
}

describe("A server's decision", () => {
  test.each(['kick', 'ban'] as const)(
    'comes with a notice by which others do not trust the session any more: %s',
    async (kind) => {
      const { alice, bob, trust, credential, server, settle } = await setup()
      expect(await trust.verify(credential, alice.peer)).toBeDefined()
      await server[kind](APP, 'alice')
      await settle()
      expect(bob.news()).toEqual([`alice gone: ${kind === 'kick' ? 'kicked' : 'banned'}`])
      expect(bob.notices).toHaveLength(1)
      expect(alice.notices).toEqual(bob.notices)
      expect(await trust.addNotice(bob.notices[0] ?? '')).toMatchObject({ kind, userId: 'alice' })
      expect(await trust.verify(credential, alice.peer)).toBeUndefined()
      expect(await trust.verify(bob.welcomes[0]?.credential ?? '', bob.peer)).toBeDefined()
    },
  )

  test('is final for a session that did not hear it and returns', async () => {
    const { alice, ownSocket, server, pass, settle } = await setup()
    ownSocket(alice).terminate()
    await settle()
    await server.kick(APP, 'alice')
    await pass(1_000)
    await alice.until(() => alice.log.some((line) => line.startsWith('refused')))
    expect(alice.news()).toEqual(['down', 'refused: kicked'])
    await pass(10_000)
    expect(alice.news()).toEqual([])
  })
})
