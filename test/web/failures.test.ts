import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import type { LoginRefusal } from '../../src/protocol/server-messages.ts'
import type { RtmMessage } from '../../src/web.ts'
import { setup } from './setup.ts'

const { RtmError } = await import('../../src/web.ts')

beforeEach(() => {
  for (const method of ['error', 'warn'] as const)
    vi.spyOn(console, method).mockImplementation(() => undefined)
})
afterEach(() => {
  vi.restoreAllMocks()
})

/** What may wait for one user: so many messages, of so many bytes in all. */
const MAX_WAITING = 4_096
const MAX_WAITING_BYTES = 16 * 1_024 * 1_024
/** As large as one may be. */
const LARGE_BYTES = 32 * 1_024

/** Alice and bob in a channel, linked; bob's page takes nothing any more. */
async function stalled() {
  const world = setup()
  const [alice, bob] = [
    await world.loggedIn('alice', { rateLimits: false }),
    await world.loggedIn('bob', { rateLimits: false }),
  ]
  const rooms = [alice, bob].map((one) => one.channel('room'))
  for (const room of rooms) await world.after(500, room.join())
  for (const cable of world.network.openCables) cable.stall()
  const [room] = rooms
  if (!room) throw new Error('no room')
  return { ...world, alice, room }
}

const nextTurn = () => new Promise<undefined>((resolve) => setImmediate(() => resolve(undefined)))

/** How many calls are waiting when one fails at once, and how that does. */
async function firstFailure(send: () => Promise<unknown>): Promise<[count: number, how: string]> {
  for (let i = 0; i < MAX_WAITING * 2; i++) {
    const failure = send().then(
      () => 'it was answered',
      (error: unknown) => (error instanceof RtmError ? `${error.name} ${error.code}` : String(error)),
    )
    const how = await Promise.race([failure, nextTurn()])
    if (how !== undefined) return [i, how]
  }
  return [Infinity, 'nothing has failed']
}

const short: RtmMessage = { text: 'hello' }
const large: RtmMessage = { text: 'x'.repeat(LARGE_BYTES) }

describe('FAILURE', () => {
  test('is the code of a message to a peer to whom 4,096 are owed', async () => {
    const { alice } = await stalled()
    const send = () => alice.client.sendMessageToPeer(short, 'bob')
    expect(await firstFailure(send)).toEqual([MAX_WAITING, 'RtmLimitExceededError 1'])
  })

  test('is the code of a message to a peer to whom 16 MB are owed', async () => {
    const { alice } = await stalled()
    const [count, how] = await firstFailure(() => alice.client.sendMessageToPeer(large, 'bob'))
    expect(how).toBe('RtmLimitExceededError 1')
    expect(count).toBeGreaterThan((MAX_WAITING_BYTES / LARGE_BYTES) * 0.95)
    expect(count).toBeLessThanOrEqual(MAX_WAITING_BYTES / LARGE_BYTES)
  })

  test('is the code of a channel message for which a member has no room', async () => {
    const { room } = await stalled()
    expect(await firstFailure(() => room.sendMessage(short))).toEqual([
      MAX_WAITING,
      'RtmLimitExceededError 1',
    ])
  })

  test.each(['getUserAttributes', 'setChannelAttributes', 'getChannelAttributes'] as const)(
    'is the code of %s when the file of attributes cannot be loaded',
    async (method) => {
      const { loggedIn, client, after, failed, pass } = setup()
      const bob = await loggedIn('bob')
      await after(50, bob.client.setLocalUserAttributes({ mood: 'fine' }))
      const alice = client('alice')
      const { loadDocuments } = alice.environment
      alice.environment.loadDocuments = () => Promise.reject(new TypeError('Failed to fetch'))
      await after(50, alice.client.login({ uid: 'alice' }))
      const call = {
        getUserAttributes: () => alice.client.getUserAttributes('bob'),
        setChannelAttributes: () => alice.client.setChannelAttributes('room', { topic: 'tea' }),
        getChannelAttributes: () => alice.client.getChannelAttributes('room'),
      }[method]
      expect(await failed(500, call())).toBe('RtmInternalError 2')
      // The next call asks for it again.
      alice.environment.loadDocuments = loadDocuments
      await pass(4_000)
      expect(await failed(3_000, call())).toBe('it has not failed')
    },
  )

  test('is the code of a login whose file cannot be loaded, and the next one asks for it again', async () => {
    const { client, failed } = setup()
    const { client: alice, surroundings, news } = client('alice')
    const { loadLogin } = surroundings
    surroundings.loadLogin = () => Promise.reject(new TypeError('Failed to fetch'))
    expect(await failed(50, alice.login({ uid: 'alice' }))).toBe('RtmInternalError 1')
    expect(news()).toEqual(['CONNECTING (LOGIN)', 'DISCONNECTED (LOGIN_FAILURE)'])
    surroundings.loadLogin = loadLogin
    expect(await failed(50, alice.login({ uid: 'alice' }))).toBe('it has not failed')
  })
})

describe('renewToken', () => {
  async function withServerThatSays(refusal: LoginRefusal) {
    const world = setup()
    const alice = await world.loggedIn('alice')
    world.realm.refusal = ({ token }) => (token === 'another' ? refusal : undefined)
    return { ...world, alice }
  }

  test.each([
    ['an expired token', 'token-expired', 'RtmUnauthenticatedError 5'],
    ['an invalid token', 'invalid-token', 'RtmUnauthenticatedError 6'],
    ['a token without the right to log in', 'not-authorized', 'RtmUnauthenticatedError 6'],
  ] as const)('rejects %s, and the login goes on', async (_, refusal, told) => {
    const { alice, failed, pass } = await withServerThatSays(refusal)
    expect(await failed(50, alice.client.renewToken('another'))).toBe(told)
    await pass(15_000)
    expect(alice.news()).toEqual([])
    expect(await failed(50, alice.client.renewToken('a third'))).toBe('it has not failed')
  })
})
