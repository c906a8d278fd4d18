import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import type { UserId } from '../../src/base/ids.ts'
import { Engine } from '../../src/rtm/engine.ts'
import { setup } from './setup.ts'

const {
  AgoraRtmAttribute,
  AgoraRtmChannelAttribute,
  AgoraRtmChannelAttributeOptions,
  AgoraRtmProcessAttributeErrorCode: Code,
} = await import('../../src/index.ts')

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
})
afterEach(() => {
  vi.restoreAllMocks()
})

const mood = (value = 'good') => new AgoraRtmAttribute('mood', value)

describe('Attributes of the own user', () => {
  test('are set, updated, deleted and cleared', async () => {
    const { loggedIn } = setup()
    const { kit } = await loggedIn('alice')
    const own = async () => (await kit.getUserAttributes('alice')).attributes
    expect(await kit.setLocalUserAttributes([mood(), { key: 'team', value: 'red' }])).toBe(Code.Ok)
    expect(await own()).toEqual([mood(), new AgoraRtmAttribute('team', 'red')])
    expect(await kit.addOrUpdateLocalUserAttributes([mood('bad')])).toBe(Code.Ok)
    expect(await kit.deleteLocalUserAttributesByKeys(['team', 'unknown'])).toBe(Code.Ok)
    expect(await own()).toEqual([mood('bad')])
    expect(await kit.clearLocalUserAttributes()).toBe(Code.Ok)
    expect(await own()).toEqual([])
    await kit.setLocalUserAttributes([mood()])
    expect(await kit.setLocalUserAttributes([])).toBe(Code.Ok)
    expect(await own()).toEqual([])
  })

  test('are as they were at the call, whatever becomes of the objects', async () => {
    const { loggedIn } = setup()
    const { kit } = await loggedIn('alice')
    const mine = mood()
    await kit.setLocalUserAttributes([mine])
    mine.value = 'bad'
    const read = await kit.getUserAttributes('alice')
    expect(read.attributes).toEqual([mood()])
    if (read.attributes?.[0]) read.attributes[0].value = 'bad'
    expect((await kit.getUserAttributes('alice')).attributes).toEqual([mood()])
  })

  test('are read by others as objects, with the promise first and the completion then', async () => {
    const { loggedIn, after } = setup()
    const [alice, bob] = [await loggedIn('alice'), await loggedIn('bob')]
    await bob.kit.setLocalUserAttributes([mood(), { key: 'team', value: 'red' }])
    const seen: unknown[] = []
    const all = await after(
      100,
      alice.kit.getUserAttributes('bob', (...values) => seen.push(values)),
    )
    expect(all).toEqual({
      attributes: [mood(), new AgoraRtmAttribute('team', 'red')],
      userId: 'bob',
      errorCode: Code.Ok,
    })
    expect(all.attributes?.[0]).toBeInstanceOf(AgoraRtmAttribute)
    expect(seen).toEqual([[all.attributes, 'bob', Code.Ok]])
    const some = await after(100, alice.kit.getUserAttributesByKeys('bob', ['team', 'unknown'], null))
    expect(some.attributes).toEqual([new AgoraRtmAttribute('team', 'red')])
  })
})

describe('The attribute methods of a kit', () => {
  const failed = (errorCode: number, userId: string) => ({ attributes: null, userId, errorCode })

  test('say that a user is not online', async () => {
    const { loggedIn, after } = setup()
    const { kit } = await loggedIn('alice')
    const read = await after(100, kit.getUserAttributes('bob'))
    expect(read).toEqual(failed(Code.UserNotFound, 'bob'))
    // That is an answer, not a mistake.
    expect(console.warn).not.toHaveBeenCalled()
  })

  test.each<[what: string, attributes: unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['one attribute without a list', { key: 'mood', value: 'good' }],
    ['a text', 'mood'],
    ['nulls', [null]],
    ['numbers', [{ key: 'mood', value: 7 }]],
    ['no value', [{ key: 'mood' }]],
    ['an empty value', [mood('')]],
    ['a key of 33 bytes', [new AgoraRtmAttribute('k'.repeat(33), 'x')]],
    ['an invisible key', [new AgoraRtmAttribute('\u200b', 'x')]],
  ])('take no %s for attributes, and say so', async (_, attributes) => {
    const { loggedIn } = setup()
    const { kit } = await loggedIn('alice')
    const list = attributes as []
    expect(await kit.setLocalUserAttributes(list)).toBe(Code.InvalidArgument)
    expect(await kit.addOrUpdateLocalUserAttributes(list)).toBe(Code.InvalidArgument)
    expect(await kit.setChannelAttributes('lobby', list)).toBe(Code.InvalidArgument)
    expect(await kit.addOrUpdateChannelAttributes('lobby', list)).toBe(Code.InvalidArgument)
    expect((await kit.getUserAttributes('alice')).attributes).toEqual([])
    expect(console.warn).toHaveBeenCalled()
  })

  test.each<[what: string, keys: unknown]>([
    ['nothing', undefined],
    ['a text', 'mood'],
    ['an empty list', []],
    ['numbers', ['mood', 7]],
    ['an empty key', ['']],
    ['a key of 33 bytes', ['k'.repeat(33)]],
  ])('take no %s for keys', async (_, keys) => {
    const { loggedIn } = setup()
    const { kit } = await loggedIn('alice')
    const list = keys as []
    expect(await kit.deleteLocalUserAttributesByKeys(list)).toBe(Code.InvalidArgument)
    expect(await kit.getUserAttributesByKeys('alice', list)).toEqual(failed(Code.InvalidArgument, 'alice'))
    expect(await kit.deleteChannelAttributesByKeys('lobby', list)).toBe(Code.InvalidArgument)
    expect((await kit.getChannelAttributesByKeys('lobby', list)).errorCode).toBe(Code.InvalidArgument)
  })

  test('take no empty list to update, and no ids that are none', async () => {
    const { loggedIn } = setup()
    const { kit } = await loggedIn('alice')
    expect(await kit.addOrUpdateLocalUserAttributes([])).toBe(Code.InvalidArgument)
    expect(await kit.addOrUpdateChannelAttributes('lobby', [])).toBe(Code.InvalidArgument)
    for (const id of ['', 'null', 'é', null, 7] as string[]) {
      expect(await kit.getUserAttributes(id)).toEqual(failed(Code.InvalidArgument, id))
      expect((await kit.getChannelAttributes(id)).errorCode).toBe(Code.InvalidArgument)
      expect(await kit.clearChannelAttributes(id)).toBe(Code.InvalidArgument)
      expect(await kit.setChannelAttributes(id, [mood()])).toBe(Code.InvalidArgument)
    }
  })

  test('have codes for too much and too often', async () => {
    const { loggedIn } = setup()
    const { kit } = await loggedIn('alice')
    const many = Array.from({ length: 33 }, (_, i) => ({ key: `key-${i}`, value: 'x' }))
    expect(await kit.setLocalUserAttributes(many)).toBe(Code.SizeOverflow)
    const large = 'x'.repeat(8_192)
    expect(await kit.setLocalUserAttributes([mood(`${large}x`)])).toBe(Code.SizeOverflow)
    const twice = [mood(large), { key: 'team', value: large }]
    expect(await kit.setLocalUserAttributes(twice)).toBe(Code.SizeOverflow)
    for (let i = 0; i < 7; i++) expect(await kit.setLocalUserAttributes([mood(`${i}`)])).toBe(Code.Ok)
    expect(await kit.clearLocalUserAttributes()).toBe(Code.TooOften)
    expect((await kit.getUserAttributes('alice')).attributes).toEqual([mood('6')])
    for (let i = 0; i < 39; i++) await kit.getUserAttributes('alice')
    expect(await kit.getUserAttributes('alice')).toEqual(failed(Code.TooOften, 'alice'))
  })

  test('say that nobody is logged in, and that the kit was destroyed', async () => {
    const { kit: make } = setup()
    const { kit } = make('alice')
    const codes = async () => [
      await kit.setLocalUserAttributes([mood()]),
      await kit.addOrUpdateLocalUserAttributes([mood()]),
      await kit.deleteLocalUserAttributesByKeys(['mood']),
      await kit.clearLocalUserAttributes(),
      (await kit.getUserAttributes('bob')).errorCode,
      (await kit.getUserAttributesByKeys('bob', ['mood'])).errorCode,
      await kit.setChannelAttributes('lobby', [mood()]),
      await kit.addOrUpdateChannelAttributes('lobby', [mood()]),
      await kit.deleteChannelAttributesByKeys('lobby', ['mood']),
      await kit.clearChannelAttributes('lobby'),
      (await kit.getChannelAttributes('lobby')).errorCode,
      (await kit.getChannelAttributesByKeys('lobby', ['mood'])).errorCode,
    ]
    expect(await codes()).toEqual(Array.from({ length: 12 }, () => Code.NotLoggedIn))
    kit.destroy()
    expect(await codes()).toEqual(Array.from({ length: 12 }, () => Code.NotInitialized))
  })
})

describe('Channel attributes', () => {
  test('are written with the notification that the options ask for, and without by default', async () => {
    const write = vi
      .spyOn(Engine.prototype, 'writeChannelAttributes')
      .mockImplementation((_channelId, _change, _notify, done) => done('ok'))
    const { kit } = setup().kit('alice')
    const options = new AgoraRtmChannelAttributeOptions()
    options.enableNotificationToChannelMembers = true
    const codes: number[] = []
    await kit.setChannelAttributes('lobby', [mood()], options, (code) => codes.push(code))
    await kit.addOrUpdateChannelAttributes('lobby', [mood()], null, (code) => codes.push(code))
    await kit.deleteChannelAttributesByKeys('lobby', ['mood'], { enableNotificationToChannelMembers: true })
    await kit.clearChannelAttributes('lobby')
    expect(write.mock.calls.map(([channelId, change, notify]) => [channelId, change, notify])).toEqual([
      ['lobby', { kind: 'set', attributes: [{ key: 'mood', value: 'good' }] }, true],
      ['lobby', { kind: 'update', attributes: [{ key: 'mood', value: 'good' }] }, false],
      ['lobby', { kind: 'delete', keys: ['mood'] }, true],
      ['lobby', { kind: 'clear' }, false],
    ])
    expect(codes).toEqual([Code.Ok, Code.Ok])
  })

  test('are read as objects that tell their author and time', async () => {
    const attribute = { key: 'mood', value: 'good', lastUpdateUserId: 'bob' as UserId, lastUpdateTs: 7 }
    const read = vi
      .spyOn(Engine.prototype, 'readChannelAttributes')
      .mockImplementation((_channelId, _keys, done) => done([attribute]))
    const { kit } = setup().kit('alice')
    const all = await kit.getChannelAttributes('lobby')
    expect(all).toEqual({ attributes: [attribute], errorCode: Code.Ok })
    expect(all.attributes?.[0]).toBeInstanceOf(AgoraRtmChannelAttribute)
    await kit.getChannelAttributesByKeys('lobby', ['mood'])
    expect(read.mock.calls.map(([channelId, keys]) => [channelId, keys])).toEqual([
      ['lobby', undefined],
      ['lobby', ['mood']],
    ])
  })

  test.each(['failure', 'timeout', 'size-overflow'] as const)('have a code for a %s', async (result) => {
    const expected = { failure: Code.Failure, timeout: Code.Timeout, 'size-overflow': Code.SizeOverflow }
    vi.spyOn(Engine.prototype, 'writeChannelAttributes').mockImplementation((_id, _change, _notify, done) =>
      done(result),
    )
    const { kit } = setup().kit('alice')
    expect(await kit.clearChannelAttributes('lobby')).toBe(expected[result])
  })
})

describe('Objects of attributes', () => {
  test('are made empty or with key and value', () => {
    expect(new AgoraRtmAttribute()).toEqual({ key: '', value: '' })
    expect(new AgoraRtmChannelAttribute('mood', 'good')).toEqual({
      key: 'mood',
      value: 'good',
      lastUpdateUserId: '',
      lastUpdateTs: 0,
    })
    expect(new AgoraRtmChannelAttributeOptions().enableNotificationToChannelMembers).toBe(false)
  })
})
