import { expect, test } from './support/world.ts'

test('two users who are in one channel talk to it and to each other', async ({ world }) => {
  const alice = await world.login('alice')
  const bob = await world.login('bob')

  expect(await alice.evaluate(() => window.user.join('room'))).toBe(0)
  expect(await bob.evaluate(() => window.user.join('room'))).toBe(0)
  expect(await alice.evaluate(() => window.user.until('#room .bob'))).toEqual(['#room +bob'])
  expect(await bob.evaluate(() => window.user.say('room', 'hello all'))).toBe(0)
  expect(await alice.evaluate(() => window.user.tell('bob', 'hello you'))).toBe(0)

  expect(await bob.evaluate(() => window.user.until('alice:'))).toEqual(['alice: hello you'])
  expect(await alice.evaluate(() => window.user.until('bob:'))).toEqual(['#room bob: hello all'])
})
