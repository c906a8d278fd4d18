import { setImmediate } from 'node:timers/promises'

import { expect, it } from 'vitest'

import { Turnstile } from '../../signaling/turnstile.ts'

it('of what comes at the same moment one is done in each turn of the event loop, in order', async () => {
  const turnstile = new Turnstile()
  const done: number[] = []
  for (let i = 0; i < 3; i++) turnstile.pass(() => done.push(i))
  expect(done).toEqual([])
  for (let turn = 1; turn <= 3; turn++) {
    await setImmediate()
    expect(done).toHaveLength(turn)
  }
  expect(done).toEqual([0, 1, 2])
  turnstile.pass(() => done.push(3))
  await setImmediate()
  expect(done).toEqual([0, 1, 2, 3])
})
