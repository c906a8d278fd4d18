import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import { limits } from '../conformance/limits.mjs'
import { callsOf, nameOf } from './calls.ts'
import { setup } from './setup.ts'

const calls = callsOf(await import('../../src/index.ts'))

// Each call breaks two rules at once. Which one it is told of: destroyed, nobody logged in, arguments, how often,
// state; in this order.

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
})
afterEach(() => {
  vi.restoreAllMocks()
})

const LOGIN = 'AgoraRtmKit.loginByToken'
const withArguments = Object.entries(calls).flatMap(([method, { codes, bad, good, refusal }]) =>
  bad && refusal ? [[method, { codes, bad, good, refusal }] as const] : [],
)
const limitOf = (method: string) =>
  limits.find(({ methods, isPerChannel }) => methods.includes(method) && !isPerChannel)
const limited = Object.entries(calls).flatMap(([method, call]) => {
  const limit = limitOf(method)
  return limit ? [[method, { ...call, ...limit }] as const] : []
})

describe('A call that breaks two rules is told of the first', () => {
  test.each(withArguments)('%s: a destroyed kit comes before arguments', async (method, { codes, bad }) => {
    const { kit } = setup()
    const alice = kit('alice')
    const channel = alice.channel('room 0')
    alice.kit.destroy()
    const told = await nameOf(codes, bad({ ...alice, channel: () => channel }))
    expect(told).toBe(method === LOGIN ? 'LoginNotInitialized' : 'NotInitialized')
  })

  test.each(withArguments.filter(([method]) => method !== LOGIN))(
    '%s: nobody logged in comes before arguments',
    async (_, { codes, bad }) => {
      expect(await nameOf(codes, bad(setup().kit('alice')))).toBe('NotLoggedIn')
    },
  )

  test.each(withArguments)('%s: arguments come before how often', async (method, call) => {
    const { loggedIn, pass } = setup()
    const alice = await loggedIn('alice')
    await pass(1_000)
    const { count = 0, code } = limitOf(method) ?? {}
    for (let i = 0; i < count; i++) void call.good(alice, i)
    expect(await nameOf(call.codes, call.good(alice))).toBe(code)
    expect(await nameOf(call.codes, call.bad(alice))).toBe(call.refusal)
  })

  test.each(withArguments)('%s: arguments come before the state', async (_, { codes, bad, refusal }) => {
    const { loggedIn, pass } = setup()
    const alice = await loggedIn('alice')
    await pass(1_000)
    await loggedIn('alice')
    await pass(50)
    expect(await nameOf(codes, bad(alice))).toBe(refusal)
  })

  test.each(limited)('%s: how often comes before the state', async (_, { codes, good, count, code }) => {
    const { loggedIn, pass } = setup()
    const alice = await loggedIn('alice')
    await pass(1_000)
    await loggedIn('alice')
    await pass(50)
    for (let i = 0; i < count; i++) await nameOf(codes, good(alice, i))
    expect(await nameOf(codes, good(alice, count))).toBe(code)
  })

  test('how often comes before whether a channel is joined, and too many come before a channel that is one too many', async () => {
    const { loggedIn, after } = setup()
    const alice = await loggedIn('alice')
    for (let i = 0; i < 20; i++) await after(10, alice.channel(`room ${i}`).joinWithCompletion())
    for (let i = 20; i < 50; i++) expect(await alice.channel(`room ${i}`).joinWithCompletion()).toBe(5)
    expect(await alice.channel('room 50').joinWithCompletion()).toBe(7)
    for (let i = 0; i < 5; i++) {
      expect((await alice.channel('elsewhere').getMembersWithCompletion()).errorCode).toBe(5)
    }
    expect((await alice.channel('elsewhere').getMembersWithCompletion()).errorCode).toBe(4)
  })
})
