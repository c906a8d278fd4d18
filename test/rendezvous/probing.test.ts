import { describe, expect, onTestFinished, test } from 'vitest'

import { settle } from '../support/pass-time.ts'
import { hello, oddServer, welcome } from './odd-server.ts'
import { serverMeeting } from './server-meeting.ts'

const HOUR = 3_600_000

async function setup() {
  const meeting = await serverMeeting()
  onTestFinished(() => meeting.close())
  const alice = await meeting.arrive('alice')
  await alice.until(() => alice.rendezvous.isUp)
  await meeting.settle()
  alice.news()
  return { ...meeting, alice }
}

describe('A probe of a connection that stands', () => {
  test('replaces it at once when nothing came over it for 2 s', async () => {
    const { alice, clock, ownSocket, settle: settleAll } = await setup()
    const dead = ownSocket(alice)
    dead.pause()
    alice.rendezvous.probe()
    clock.advance(1_999)
    expect(alice.news()).toEqual([])
    clock.advance(1)
    expect(alice.news()).toEqual(['down'])
    await alice.until(() => alice.rendezvous.isUp)
    await settleAll()
    expect(alice.news()).toEqual(['up'])
    dead.resume()
  })

  test('is asked anew when this page slept meanwhile', async () => {
    const { alice, clock, ownSocket, settle: settleAll } = await setup()
    ownSocket(alice).pause()
    alice.rendezvous.probe()
    clock.sleep(HOUR)
    clock.advance(0)
    ownSocket(alice).resume()
    await settleAll()
    clock.advance(2_000)
    await settleAll()
    expect(alice.news()).toEqual([])
    expect(alice.rendezvous.isUp).toBe(true)
  })

  test('is one question, however many reasons for it come together; any message is an answer', async () => {
    const questions: string[] = []
    const { alice, clock, connected } = await oddServer((socket) => {
      socket.send(hello())
      socket.on('message', (data: Buffer) => {
        const text = data.toString()
        if (text.includes('"login"')) return socket.send(welcome)
        questions.push(text)
        socket.send(JSON.stringify({ type: 'something of a later version' }))
      })
    })
    await alice.until(() => alice.rendezvous.isUp)
    for (let i = 0; i < 20; i++) alice.rendezvous.probe()
    while (questions.length === 0) await settle()
    await connected(1)
    clock.advance(5_000)
    expect(alice.news()).toEqual(['up'])
    expect(questions).toHaveLength(1)
  })
})

describe('A probe while there is no connection', () => {
  test('connects at once, and then not before 3 s have passed, but for the tries that come anyway', async () => {
    const world = await oddServer((socket) => socket.close())
    const { alice, clock } = world
    await world.connected(1)
    await world.closed()
    alice.rendezvous.probe()
    await world.connected(2)
    await world.closed()
    for (let i = 0; i < 20; i++) alice.rendezvous.probe()
    await settle()
    expect(world.connectionCount).toBe(2)
    // As after a first failure.
    clock.advance(750)
    await world.connected(3)
    await world.closed()
    for (let i = 0; i < 20; i++) alice.rendezvous.probe()
    await settle()
    expect(world.connectionCount).toBe(3)
  })

  test('begins anew when the present attempt is older than a second', async () => {
    const world = await oddServer(() => undefined)
    const { alice, clock } = world
    await world.connected(1)
    clock.advance(1_000)
    alice.rendezvous.probe()
    await settle()
    expect(world.connectionCount).toBe(1)
    clock.advance(1)
    for (let i = 0; i < 20; i++) alice.rendezvous.probe()
    await world.connected(2)
    clock.advance(2_000)
    for (let i = 0; i < 20; i++) alice.rendezvous.probe()
    await settle()
    expect(world.connectionCount).toBe(2)
    clock.advance(1_000)
    alice.rendezvous.probe()
    await world.connected(3)
    expect(alice.news()).toEqual([])
  })

  test('after the goodbye, or while the page is put away, does nothing', async () => {
    const world = await oddServer((socket) => socket.send(hello()))
    const { alice } = world
    await world.connected(1)
    alice.rendezvous.pause()
    alice.rendezvous.probe()
    await settle()
    alice.rendezvous.goodbye()
    alice.rendezvous.probe()
    await settle()
    expect(world.connectionCount).toBe(1)
  })
})
