import { describe, expect, test } from 'vitest'

import { setup } from './setup.ts'

describe('A client', () => {
  test('logs in, joins, talks, leaves and logs out', async () => {
    const { client, after } = setup()
    const alice = client('alice')
    const bob = client('bob')
    const login = alice.client.login({ uid: 'alice', token: '' })
    expect(alice.news()).toEqual(['CONNECTING (LOGIN)'])
    await after(50, Promise.all([login, bob.client.login({ uid: 'bob', token: null })]))
    expect(alice.news()).toEqual(['CONNECTED (LOGIN_SUCCESS)'])
    const [atAlice, atBob] = [alice.channel('lobby'), bob.channel('lobby')]
    await after(500, atAlice.join())
    await after(1_500, atBob.join())
    expect(alice.news()).toEqual(['lobby: 1 members', 'lobby: bob joined', 'lobby: 2 members'])
    expect((await atBob.getMembers()).sort()).toEqual(['alice', 'bob'])
    bob.news()
    await after(50, atAlice.sendMessage({ text: 'hello' }))
    await after(50, atAlice.sendMessage({ rawMessage: new Uint8Array([1, 2]), description: 'two' }))
    expect(bob.news()).toEqual(['lobby: alice: hello', 'lobby: alice: 1 2 (two)'])
    expect(await after(50, alice.client.sendMessageToPeer({ text: 'psst' }, 'bob'))).toEqual({
      hasPeerReceived: true,
    })
    expect(bob.news()).toEqual(['alice: psst'])
    await after(50, atAlice.leave())
    await after(50, alice.client.logout())
    expect(bob.news()).toEqual(['lobby: alice left', 'lobby: 1 members'])
    expect(alice.news()).toEqual(['DISCONNECTED (LOGOUT)'])
  })
})
