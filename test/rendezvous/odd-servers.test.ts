import { describe, expect, test } from 'vitest'

import { closeCodes, loginRefusals, tokenFaults } from '../../src/protocol/server-messages.ts'
import { hello, oddServer as setup, welcome } from './odd-server.ts'

describe('A server that is not as it should be', () => {
  test('speaks another version: the login is refused with a sentence for people', async () => {
    const { alice, connected, closed } = await setup((socket) => socket.send(hello(2)))
    await connected(1)
    await closed()
    expect(alice.news()).toEqual(['refused: unsupported-version'])
  })

  test('ends the connection with a reason: the page says it in its log, and tries again', async () => {
    const lines: unknown[] = []
    const sentence = 'Too many connections from this address are open: try again later'
    const world = await setup(
      (socket, connection) => connection === 1 && socket.close(closeCodes.overload, sentence),
      (_level, _sentence, details) => lines.push(details),
    )
    await world.connected(1)
    await world.closed()
    expect(lines).toContainEqual(expect.objectContaining({ code: closeCodes.overload, sentence }))
    world.clock.advance(1_000)
    await world.connected(2)
  })

  test('greets and never answers the login: after 6 s another connection is tried', async () => {
    const world = await setup((socket) => socket.send(hello()))
    await world.connected(1)
    world.clock.advance(6_000)
    await world.closed()
    world.clock.advance(1_000)
    await world.connected(2)
    expect(world.alice.news()).toEqual([])
    expect(world.connectionCount).toBe(2)
  })

  test('sends what is no message: it is ignored', async () => {
    const { alice, connected } = await setup((socket) => {
      for (const text of ['', '[]', 'null', '{"type":"news"}', 'x'.repeat(100_000), hello().slice(1)])
        socket.send(text)
      socket.send(new Uint8Array([1, 2, 3]))
      socket.send(JSON.stringify({ type: 'loggedIn', credential: '', serverKeys: [], loginTime: 0, time: 0 }))
    })
    await connected(1)
    expect(alice.news()).toEqual([])
    expect(alice.rendezvous.isUp).toBe(false)
  })

  test('welcomes before it greeted: that is no login', async () => {
    const { alice, connected } = await setup((socket) => socket.send(welcome))
    await connected(1)
    expect(alice.news()).toEqual([])
  })

  test('is too busy: that is no refusal, another connection is tried', async () => {
    const world = await setup((socket) => {
      socket.send(JSON.stringify({ type: 'refused', reason: 'overload', message: 'Full' }))
      socket.close(closeCodes.refused)
    })
    await world.connected(1)
    await world.closed()
    world.clock.advance(5_000)
    await world.connected(2)
    expect(world.alice.news()).toEqual([])
  })

  test('ends a session that goes on to say things: nothing more is heard of it', async () => {
    const { alice, connected } = await setup((socket) => {
      socket.send(JSON.stringify({ type: 'ended', reason: 'kicked', message: 'Out' }))
      socket.send(JSON.stringify({ type: 'undeliverable', to: 'f'.repeat(32) }))
    })
    await connected(1)
    expect(alice.news()).toEqual(['ended: kicked'])
  })
})

describe('A server that let a session in and refuses its return', () => {
  const final = ['remote-login', 'banned', 'kicked'] as const

  const refusing = (reason: string) =>
    setup((socket, connection) => {
      socket.send(hello())
      socket.on('message', (data: Buffer) => {
        if (!data.toString().includes('"login"')) return
        socket.send(connection === 1 ? welcome : JSON.stringify({ type: 'refused', reason, message: 'No' }))
        // The network breaks, not the session.
        if (connection === 1) setImmediate(() => socket.terminate())
      })
    })

  const isOneOf = (reasons: readonly string[], reason: string) => reasons.includes(reason)

  test.each(loginRefusals.filter((reason) => !isOneOf([...final, ...tokenFaults], reason)))(
    'is asked again for ever, after 5 s at most: %s',
    async (reason) => {
      const { alice, clock, connected, closed } = await refusing(reason)
      await connected(1)
      await closed()
      expect(alice.news()).toEqual(['up', 'down'])
      for (let returns = 1; returns <= 10; returns++) {
        clock.advance(5_000)
        await connected(1 + returns)
        await closed()
      }
      expect(alice.news()).toEqual([])
    },
  )

  test.each(tokenFaults)('is asked again after 30 s, as only another token helps: %s', async (reason) => {
    const { alice, clock, connected, closed } = await refusing(reason)
    await connected(1)
    await closed()
    clock.advance(5_000)
    await connected(2)
    await closed()
    expect(alice.news()).toEqual(['up', 'down', 'token refused'])
    clock.advance(29_000)
    await connected(2)
    clock.advance(1_000)
    await connected(3)
    await closed()
    expect(alice.news()).toEqual(['token refused'])
  })

  test.each(final)('is not asked again: %s', async (reason) => {
    const { alice, clock, connected, closed } = await refusing(reason)
    await connected(1)
    await closed()
    clock.advance(5_000)
    await connected(2)
    await closed()
    expect(alice.news()).toEqual(['up', 'down', `refused: ${reason}`])
    expect(clock.pending).toBe(0)
  })
})
