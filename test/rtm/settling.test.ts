import { expect, test } from 'vitest'

import { Settling } from '../../src/rtm/settling.ts'
import * as documents from '../../src/rtm/documents-file.ts'
import { setup } from './setup.ts'

/** A page whose logins take a second to settle, and how often it has asked for the file for attributes. */
function setupSettling() {
  const world = setup()
  const alice = world.page('alice')
  const loads: number[] = []
  Object.assign(alice.environment, {
    settling: new Settling(world.clock, 1_000),
    loadDocuments: () => {
      loads.push(world.clock.now())
      return Promise.resolve(documents)
    },
  })
  return { ...world, alice, loads }
}

test('What attributes need is loaded when a login has had a second for its first links', async () => {
  const { alice, loads, pass } = setupSettling()
  alice.login()
  await pass(100)
  alice.join('lobby')
  await pass(800)
  expect(loads).toEqual([])
  await pass(200)
  expect(loads).toHaveLength(1)
})

test('A call about attributes does not wait for that', async () => {
  const { alice, loads, pass } = setupSettling()
  alice.login()
  await pass(100)
  const outcomes: unknown[] = []
  alice.engine.readUserAttributes('bob', undefined, (outcome) => outcomes.push(outcome))
  await pass(0)
  expect(loads).toHaveLength(1)
})

test('A login that ends before has nothing loaded, and leaves no timer', async () => {
  const { alice, loads, pass } = setupSettling()
  alice.login()
  await pass(100)
  alice.engine.logout(() => undefined)
  await pass(5_000)
  expect(loads).toEqual([])
})

test('What is asked for later runs at once', async () => {
  const { clock, pass } = setup()
  const settling = new Settling(clock, 1_000)
  const ran: string[] = []
  settling.begin()
  settling.whenSettled(() => ran.push('early'))
  expect(ran).toEqual([])
  await pass(1_000)
  settling.whenSettled(() => ran.push('late'))
  expect(ran).toEqual(['early', 'late'])
  settling.close()
})
