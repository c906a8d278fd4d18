import { describe, expect, onTestFinished, test } from 'vitest'

import type { UserId } from '../../src/base/ids.ts'
import { REALM, tabsMeeting } from './tabs-meeting.ts'

const users = (...names: string[]): UserId[] => names.map((name) => name as UserId)

function setup() {
  const meeting = tabsMeeting()
  onTestFinished(() => meeting.close())
  return meeting
}

describe('A subscription among tabs', () => {
  test('from before the login is answered when it is known who is here', async () => {
    const { arrive, open, pass } = setup()
    await arrive('bob')
    const alice = await open('alice')
    alice.rendezvous.subscribe(users('bob', 'carol'))
    await pass(500)
    expect(alice.news()).toEqual([])
    alice.rendezvous.logIn()
    await pass(500)
    expect(alice.news().sort()).toEqual(['of bob carol are here [bob]', 'up'])
  })

  test('is answered again when the page is shown again, and tells nothing while it is put away', async () => {
    const { open, arrive, pass } = setup()
    const alice = await open('alice')
    alice.rendezvous.logIn()
    const bob = await arrive('bob')
    alice.rendezvous.subscribe(users('bob', 'carol'))
    await pass(100)
    alice.rendezvous.pause()
    alice.news()
    bob.rendezvous.goodbye()
    await arrive('carol')
    expect(alice.news()).toEqual([])
    alice.rendezvous.resume()
    await pass(500)
    expect(alice.news().sort()).toEqual(['of bob carol are here [carol]', 'up'])
  })

  test('names this session as well', async () => {
    const { arrive, pass } = setup()
    const alice = await arrive('alice')
    alice.news()
    alice.rendezvous.subscribe(users('alice'))
    await pass(100)
    expect(alice.news()).toEqual(['of alice are here [alice]'])
  })
})

describe('A probe among tabs', () => {
  test('asks the others, who answer, once a second at most', async () => {
    const { arrive, broadcasts, pass, settle } = setup()
    const alice = await arrive('alice')
    await arrive('bob')
    await pass(1_500)
    const said: unknown[] = []
    const ear = broadcasts.openBroadcast(REALM)
    ear.onmessage = ({ data }: MessageEvent<unknown>) => said.push(data)
    for (let i = 0; i < 20; i++) alice.rendezvous.probe()
    await settle()
    expect(said).toMatchObject([
      { type: 'ping', from: { userId: 'alice' } },
      { type: 'state', from: { userId: 'bob' } },
    ])
    ear.close()
  })
})
