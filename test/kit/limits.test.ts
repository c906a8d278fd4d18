import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import { limits } from '../conformance/limits.mjs'
import surface from './fixtures/surface.json' with { type: 'json' }
import { ask, callsOf, type Call, type User } from './calls.ts'
import { setup } from './setup.ts'

const calls = callsOf(await import('../../src/index.ts'))

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
})
afterEach(() => {
  vi.restoreAllMocks()
})

function call(method: string): Call {
  const found = calls[method]
  if (!found) throw new Error(`test/kit/calls.ts does not know how to call ${method}`)
  return found
}

/** Alice at a limit: which of its methods is called is the test's choice, or whichever comes next. */
async function atLimit({ methods, code, isPerChannel }: (typeof limits)[number]) {
  const world = setup()
  const users = [await world.loggedIn('alice'), await world.loggedIn('anna')] as const
  await world.loggedIn('bob')
  // What the login cost is over.
  await world.pass(1_000)
  let count = 0
  const goes = async (user: User, method: string): Promise<boolean> => {
    const { codes, good } = call(method)
    const asked = ask(codes, good(user, isPerChannel ? 0 : count++))
    await world.pass(0)
    return asked.name !== code
  }
  return {
    ...world,
    /** Whether each of the methods is let through. */
    async all(user: User = users[0]): Promise<boolean[]> {
      const answers = []
      for (const method of methods) answers.push(await goes(user, method))
      return answers
    },
    /** How many of so many calls are let through, each method in turn. */
    async some(total: number, user: User = users[0]): Promise<number> {
      let through = 0
      for (let i = 0; i < total; i++) {
        if (await goes(user, methods[i % methods.length] ?? '')) through += 1
      }
      return through
    },
    /** As many calls with bad arguments. */
    async bad(total: number): Promise<void> {
      for (const method of methods) {
        for (let i = 0; i < total; i++) await call(method).bad?.(users[0])
      }
    },
    anna: users[1],
  }
}

const rows = limits.map((limit) => {
  const names = limit.methods.map((method) => method.replace(/^\w+\./, ''))
  const of = limit.isPerChannel ? ' of one channel' : ''
  return [`${limit.count} calls of ${names.join(', ')}${of} in ${limit.windowMs} ms`, limit] as const
})

describe('A limit is what the page says', () => {
  test.each(rows)('%s are let through, and one more is answered so', async (_, limit) => {
    const { some, all } = await atLimit(limit)
    expect(await some(limit.count)).toBe(limit.count)
    expect(await all()).not.toContain(true)
  })

  test.each(rows)('%s: the window slides, and what is refused costs nothing', async (_, limit) => {
    const { some, all, bad, pass } = await atLimit(limit)
    await bad(limit.count + 1)
    const firstHalf = Math.ceil(limit.count / 2)
    expect(await some(firstHalf)).toBe(firstHalf)
    await pass(limit.windowMs / 2)
    expect(await some(limit.count)).toBe(limit.count - firstHalf)
    await pass(limit.windowMs / 2 - 1)
    expect(await all()).not.toContain(true)
    await pass(1)
    expect(await some(limit.count)).toBe(firstHalf)
  })

  test.each(rows)('%s are counted for each kit by itself', async (_, limit) => {
    const { some, anna } = await atLimit(limit)
    await some(limit.count + 1)
    expect(await some(limit.count, anna)).toBe(limit.count)
    expect(await some(1, anna)).toBe(0)
  })
})

describe('A method', () => {
  const limited = new Set(limits.flatMap(({ methods }) => methods))
  const free = Object.keys(calls).filter((method) => !limited.has(method))

  test('is limited unless it is a logout or a leave', () => {
    expect(free).toEqual(['AgoraRtmKit.logoutWithCompletion', 'AgoraRtmChannel.leaveWithCompletion'])
  })

  test('that answers with a code is among those that are tried here, but for invitations', () => {
    const answering = surface.methods.filter(
      ({ owner, signature }) => /Promise</.test(signature) && owner !== 'AgoraRtmCallKit',
    )
    expect(Object.keys(calls).sort()).toEqual(answering.map(({ owner, name }) => `${owner}.${name}`).sort())
  })

  test.each(free)('that has no limit may be called a thousand times: %s', async (method) => {
    const { loggedIn, pass } = setup()
    const alice = await loggedIn('alice')
    const { codes, good } = call(method)
    const asked = Array.from({ length: 1_000 }, () => ask(codes, good(alice)))
    await pass(0)
    const names = new Set(asked.map(({ name }) => name))
    expect([...names].filter((name) => /TooOften|pending/.test(name))).toEqual([])
  })
})
