import { setImmediate } from 'node:timers/promises'

import { expect, it } from 'vitest'

import { Turnstile } from '../../signaling/turnstile.ts'

let ms = 0

it('what takes long is done one by one, in order, with a look at all sockets after each', async () => {
  const { turnstile, done, act } = setUp(0.3)
  for (let i = 0; i < 3; i++) turnstile.pass(act(i))
  expect(done).toEqual([])
  for (let turn = 1; turn <= 3; turn++) {
    await setImmediate()
    expect(done).toHaveLength(turn)
  }
  expect(done).toEqual([0, 1, 2])
  turnstile.pass(act(3))
  await setImmediate()
  expect(done).toEqual([0, 1, 2, 3])
})

it('of what is quick as many as fit into a quarter of a millisecond, and eight at most', async () => {
  const { turnstile, done, act } = setUp(0.1)
  for (let i = 0; i < 6; i++) turnstile.pass(act(i))
  // The first opened the turn before the others had come.
  for (const count of [1, 4, 6]) {
    await setImmediate()
    expect(done).toHaveLength(count)
  }
  expect(done).toEqual([0, 1, 2, 3, 4, 5])

  const quick = setUp(0)
  for (let i = 0; i < 20; i++) quick.turnstile.pass(quick.act(i))
  for (const count of [1, 9, 17, 20]) {
    await setImmediate()
    expect(quick.done).toHaveLength(count)
  }
})

it('what one leaves to promises is done, and counted, before the next', async () => {
  const { turnstile, done, act } = setUp(0)
  const late = act(0)
  turnstile.pass(act(-1))
  turnstile.pass(() => {
    void Promise.resolve().then(() => {
      ms += 1
      late()
    })
  })
  turnstile.pass(act(1))
  await setImmediate()
  expect(done).toEqual([-1])
  await setImmediate()
  expect(done).toEqual([-1, 0])
  await setImmediate()
  expect(done).toEqual([-1, 0, 1])
})

/** Acts that take so many milliseconds. */
function setUp(takes: number): { turnstile: Turnstile; done: number[]; act: (name: number) => () => void } {
  const done: number[] = []
  const act = (name: number) => (): void => {
    ms += takes
    done.push(name)
  }
  return { turnstile: new Turnstile(() => ms), done, act }
}
