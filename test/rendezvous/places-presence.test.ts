import { describe, expect, test } from 'vitest'

import type { ChannelId, UserId } from '../../src/base/ids.ts'
import { LOBBY } from './gather.ts'
import { type PageOptions, setup } from './places-setup.ts'

const users = (...names: string[]): UserId[] => names.map((name) => name as UserId)

const local: PageOptions = { kind: 'local' }
const remote: PageOptions = { kind: 'remote' }

describe('A subscription in all places', () => {
  test('is answered by the server, with those whom only other tabs know', async () => {
    const { up, pass } = setup()
    const alice = await up('alice')
    for (const name of ['bob', 'carol']) await up(name, name === 'bob' ? remote : local)
    alice.news()
    alice.rendezvous.subscribe(users('bob', 'carol', 'dave'))
    await pass(100)
    const news = alice.news()
    expect(news.filter((line) => line.startsWith('of '))).toEqual(['of bob carol dave are here [bob carol]'])
    // What a tab said before the server answered.
    expect(news.filter((line) => !line.startsWith('of '))).toEqual(['carol present'])
  })

  test('tells who comes, wherever it comes', async () => {
    const { up, pass } = setup()
    const alice = await up('alice')
    alice.rendezvous.subscribe(users('bob', 'carol'))
    await pass(100)
    alice.news()
    await up('bob', remote)
    await up('carol', local)
    expect(alice.news()).toEqual(['bob present', 'carol present'])
  })

  test('of a local session is answered by the tabs', async () => {
    const { up, page, pass, realm } = setup()
    realm.isUp = false
    const alice = page('alice')
    await pass(4_500)
    await up('bob', local)
    alice.news()
    alice.rendezvous.subscribe(users('bob', 'carol'))
    await pass(100)
    expect(alice.news()).toEqual(['of bob carol are here [bob]'])
    realm.isUp = true
    await up('carol', remote)
    await pass(1_000)
    expect(alice.news()).toEqual(['up', 'of bob carol are here [bob carol]'])
  })

  test('does not show a local session of a user whom the server names, until that one is gone', async () => {
    const { up, pass } = setup()
    const alice = await up('alice')
    const bob = await up('bob', remote)
    alice.rendezvous.subscribe(users('bob'))
    await pass(100)
    alice.news()
    const other = await up('bob', local)
    await pass(100)
    // Of the local session, which may have been linked.
    expect(alice.news()).toEqual(['bob gone: replaced'])
    bob.rendezvous.goodbye()
    await pass(100)
    expect(alice.news()).toEqual(['bob gone: goodbye', 'bob present'])
    other.rendezvous.goodbye()
    await pass(100)
    expect(alice.news()).toEqual(['bob gone: goodbye'])
  })

  test('takes back a local session that it had shown when the server names another', async () => {
    const { up, pass } = setup()
    const alice = await up('alice')
    await up('bob', local)
    alice.rendezvous.subscribe(users('bob'))
    await pass(100)
    alice.news()
    await up('bob', remote)
    await pass(100)
    expect(alice.news()).toEqual(['bob gone: replaced', 'bob present'])
  })

  test('tells that a silent session is silent only when neither place hears it', async () => {
    const { up, pass } = setup()
    const [alice, bob] = [await up('alice'), await up('bob')]
    alice.rendezvous.subscribe(users('bob'))
    await pass(100)
    alice.news()
    bob.server.lose()
    bob.server.crash()
    await pass(8_000)
    expect(alice.news()).toEqual([])
    alice.rendezvous.subscribe(users('bob'))
    await pass(100)
    expect(alice.news().filter((line) => line.includes('unreachable'))).toEqual([])
    bob.broadcast.freeze()
    await pass(8_000)
    expect(alice.news()).toEqual([expect.stringMatching(/^bob unreachable: /)])
  })

  test('removes nobody while the server is away, and says again who is there when it is back', async () => {
    const { up, pass, realm } = setup()
    const alice = await up('alice')
    const bob = await up('bob')
    await up('carol', remote)
    realm.stop()
    await pass(100)
    alice.news()
    alice.rendezvous.subscribe(users('bob', 'carol'))
    await pass(100)
    expect(alice.news()).toEqual(['of bob carol are here [bob], others may come back'])
    realm.start()
    await pass(2_000)
    expect(alice.rendezvous.isUp && bob.rendezvous.isUp).toBe(true)
    const answers = alice.news().filter((line) => line.startsWith('of '))
    expect(answers).toEqual([expect.stringMatching(/^of bob carol are here .*others may come back$/)])
  })

  test('that is taken back says nothing more, also of local sessions', async () => {
    const { up, pass } = setup()
    const alice = await up('alice')
    alice.rendezvous.subscribe(users('bob', 'carol'))
    alice.rendezvous.unsubscribe(users('bob', 'carol'))
    await pass(100)
    alice.news()
    await up('bob', remote)
    await up('carol', local)
    expect(alice.news()).toEqual([])
  })
})

describe('How many are in a channel', () => {
  test('a server session knows from its server, and does not know while that is away', async () => {
    const { up, pass, realm } = setup()
    const pages = [await up('alice'), await up('bob', remote), await up('carol', local)]
    for (const { rendezvous } of pages) rendezvous.join(LOBBY, 1)
    await pass(100)
    const [alice] = pages
    const counted = alice?.rendezvous.count([LOBBY, 'empty' as ChannelId])
    await pass(100)
    expect(await counted).toEqual([2, 0])
    realm.stop()
    await pass(100)
    expect(await alice?.rendezvous.count([LOBBY])).toBeUndefined()
  })

  test('a local session knows from the other tabs', async () => {
    const { up, pass } = setup()
    const pages = [await up('alice', local), await up('bob', local)]
    for (const { rendezvous } of pages) rendezvous.join(LOBBY, 1)
    await pass(100)
    expect(await pages[0]?.rendezvous.count([LOBBY, 'empty' as ChannelId])).toEqual([2, 0])
  })
})
