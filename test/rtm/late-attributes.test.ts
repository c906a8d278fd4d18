import { expect, test } from 'vitest'

import type { ChannelId } from '../../src/base/ids.ts'
import * as documents from '../../src/rtm/documents-file.ts'
import type { Page } from './page.ts'
import { setup } from './setup.ts'

const TEA = { kind: 'update', attributes: [{ key: 'topic', value: 'tea' }] } as const
const LOBBY = 'lobby' as ChannelId

/** A page whose file for attributes comes when a test lets it come. */
function waiting(page: Page) {
  const files: { come(): void; fail(): void }[] = []
  Object.assign(page.environment, {
    loadDocuments: () =>
      new Promise<typeof documents>((resolve, reject) => {
        files.push({
          come: () => resolve(documents),
          fail: () => reject(new TypeError('Failed to fetch')),
        })
      }),
  })
  return files
}

function write(page: Page) {
  const outcomes: string[] = []
  page.engine.writeChannelAttributes(LOBBY, TEA, false, (outcome) => outcomes.push(outcome))
  return outcomes
}

function read(page: Page) {
  const outcomes: unknown[] = []
  page.engine.readChannelAttributes(LOBBY, undefined, (outcome) =>
    outcomes.push(typeof outcome === 'string' ? outcome : outcome.map(({ value }) => value)),
  )
  return outcomes
}

test('Calls that are made before the file for attributes is there are answered when it comes', async () => {
  const { page, pass } = setup()
  const alice = page('alice')
  const files = waiting(alice)
  alice.login()
  await pass(100)
  const outcomes = [write(alice), read(alice)]
  await pass(1_000)
  expect(outcomes).toEqual([[], []])
  expect(files).toHaveLength(1)
  files[0]?.come()
  await pass(3_000)
  expect(outcomes).toEqual([['ok'], [[]]])
  const later = read(alice)
  await pass(3_000)
  expect(later).toEqual([['tea']])
})

test('A call about attributes is out of time 5 s after it was made, also when their file is still being loaded', async () => {
  const { page, pass } = setup()
  const alice = page('alice')
  const files = waiting(alice)
  alice.login()
  await pass(100)
  const outcomes = read(alice)
  await pass(4_999)
  expect(outcomes).toEqual([])
  await pass(1)
  files[0]?.come()
  await pass(100)
  expect(outcomes).toEqual(['timeout'])
})

test('Calls fail when the file for attributes does not come or the login ends, and the next call asks for it again', async () => {
  const { page, pass } = setup()
  const alice = page('alice')
  const files = waiting(alice)
  alice.login()
  await pass(100)
  const first = read(alice)
  files[0]?.fail()
  await pass(100)
  expect(first).toEqual(['failure'])
  const second = write(alice)
  await pass(100)
  expect(files).toHaveLength(2)
  alice.logout()
  expect(second).toEqual(['failure'])
})

test('A member whose file for attributes comes late hears of what was written before, and is told of what is written then', async () => {
  const { page, lobby, pass } = setup()
  const [bob] = await lobby('bob')
  expect(write(bob)).toEqual([])
  await pass(1_000)
  const alice = page('alice')
  const files = waiting(alice)
  alice.login()
  await pass(100)
  alice.join()
  await pass(2_000)
  // What Bob says of the document waits meanwhile, and makes nothing be loaded twice.
  expect(files).toHaveLength(1)
  files[0]?.come()
  await pass(5_000)
  expect(read(bob)).toEqual([])
  const outcomes = read(alice)
  await pass(2_000)
  expect(outcomes).toEqual([['tea']])
})

test('What others say does not make a page ask for the file for attributes more often than every 4 s', async () => {
  const { page, lobby, pass } = setup()
  const [bob] = await lobby('bob')
  write(bob)
  const alice = page('alice')
  const files = waiting(alice)
  alice.login()
  await pass(100)
  alice.join()
  for (let i = 0; i < 40; i++) {
    files.splice(0).forEach((file) => file.fail())
    if (i % 4 === 0) write(bob)
    await pass(100)
  }
  const asked: number[] = []
  for (let i = 0; i < 100; i++) {
    if (files.length > 0) asked.push(i)
    files.splice(0).forEach((file) => file.fail())
    write(bob)
    await pass(100)
  }
  expect(asked.length).toBeGreaterThan(0)
  expect(asked.length).toBeLessThanOrEqual(3)
})
