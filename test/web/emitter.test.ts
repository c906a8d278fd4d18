import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest'

import { RtmEmitter } from '../../src/web/emitter.ts'

interface Events {
  said: (text: string, by: string) => void
  left: () => void
}

afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

function setup() {
  const emitter = new RtmEmitter<Events>()
  const log: string[] = []
  const note =
    (name: string) =>
    (text: string): void =>
      void log.push(`${name}: ${text}`)
  return { emitter, log, note }
}

describe('An emitter', () => {
  test('calls its listeners in order, as many times as they were added, with all arguments', () => {
    const { emitter, log, note } = setup()
    const twice = note('twice')
    emitter.on('said', twice).addListener('said', note('second')).on('said', twice)
    emitter.prependListener('said', note('first'))
    expect(emitter.emit('said', 'hello', 'bob')).toBe(true)
    expect(log).toEqual(['first: hello', 'twice: hello', 'second: hello', 'twice: hello'])
    expect(emitter.emit('left')).toBe(false)
    const heard = vi.fn()
    emitter.on('said', heard).emit('said', 'bye', 'bob')
    expect(heard).toHaveBeenCalledWith('bye', 'bob')
  })

  test('calls what was added by once a single time, and takes it away by its listener or its wrapper', () => {
    const { emitter, log, note } = setup()
    const [kept, gone, alsoGone] = [note('kept'), note('gone'), note('also gone')]
    emitter.once('said', kept).once('said', gone).prependOnceListener('said', alsoGone)
    emitter.off('said', gone)
    const [raw] = emitter.rawListeners('said')
    expect(raw).not.toBe(alsoGone)
    emitter.removeListener('said', raw as () => void)
    emitter.emit('said', 'hello', 'bob')
    emitter.emit('said', 'again', 'bob')
    expect(log).toEqual(['kept: hello'])
    expect(emitter.listenerCount('said')).toBe(0)
  })

  test('calls what was added by once a single time also where an event comes inside another', () => {
    const { emitter, log, note } = setup()
    emitter.on('said', (text) => {
      if (text === 'outer') emitter.emit('said', 'inner', 'bob')
    })
    emitter.once('said', note('once'))
    emitter.emit('said', 'outer', 'bob')
    expect(log).toEqual(['once: inner'])
  })

  test('says which listeners there are, takes away the latest of two, or all', () => {
    const { emitter, note } = setup()
    const [one, other] = [note('one'), note('other')]
    emitter
      .on('said', one)
      .on('said', other)
      .on('said', one)
      .on('left', () => undefined)
    emitter.off('said', one)
    expect(emitter.listeners('said')).toEqual([one, other])
    expect(emitter.eventNames()).toEqual(['said', 'left'])
    expect(emitter.off('said', note('never added'))).toBe(emitter)
    expect(emitter.removeAllListeners('said')).toBe(emitter)
    expect(emitter.listenerCount('said')).toBe(0)
    expect(emitter.listenerCount('left')).toBe(1)
    expect(emitter.removeAllListeners().eventNames()).toEqual([])
  })

  test('goes on when a listener throws, which is reported, and when one adds or takes away others', () => {
    const reported: unknown[] = []
    vi.stubGlobal('reportError', (error: unknown) => reported.push(error))
    const { emitter, log, note } = setup()
    const mistake = new Error('a mistake in a listener')
    const late = note('late')
    emitter.on('said', () => {
      throw mistake
    })
    emitter.on('said', () => {
      emitter.off('said', late).on('said', note('new'))
    })
    emitter.on('said', late)
    emitter.emit('said', 'hello', 'bob')
    expect(log).toEqual(['late: hello'])
    expect(reported).toEqual([mistake])
  })

  test('has the object as `this` of its listeners', () => {
    const { emitter } = setup()
    let self: unknown
    emitter.once('left', function (this: unknown) {
      self = this
    })
    emitter.emit('left')
    expect(self).toBe(emitter)
  })

  test('warns where listeners pile up, once for an event of an object', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const { emitter } = setup()
    const add = (count: number) => {
      for (let i = 0; i < count; i++) emitter.on('left', listener)
    }
    const listener = () => undefined
    add(10)
    expect(warn).not.toHaveBeenCalled()
    add(10)
    // Below the limit and above it again, and above another one.
    for (let i = 0; i < 15; i++) emitter.off('left', listener)
    add(10)
    emitter.setMaxListeners(20)
    add(10)
    expect(warn).toHaveBeenCalledTimes(1)
    for (let i = 0; i < 21; i++) emitter.on('said', listener)
    expect(warn).toHaveBeenCalledTimes(2)
    const other = new RtmEmitter<Events>().setMaxListeners(0)
    expect([other.getMaxListeners(), emitter.getMaxListeners()]).toEqual([0, 20])
    for (let i = 0; i < 20; i++) other.on('left', listener)
    expect(warn).toHaveBeenCalledTimes(2)
    // A limit that is lower than what is there already.
    other.setMaxListeners(5).on('left', listener)
    expect(warn).toHaveBeenCalledTimes(3)
  })

  test('has a default of all objects, whichever class it is set of', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    class Client extends RtmEmitter<Events> {}
    const { emitter } = setup()
    const own = new Client().setMaxListeners(7)
    expect([RtmEmitter.defaultMaxListeners, Client.defaultMaxListeners]).toEqual([10, 10])
    onTestFinished(() => void (RtmEmitter.defaultMaxListeners = 10))
    Client.defaultMaxListeners = 2
    expect([new Client(), emitter, own].map((one) => one.getMaxListeners())).toEqual([2, 2, 7])
    expect(RtmEmitter.defaultMaxListeners).toBe(2)
    for (let i = 0; i < 3; i++) emitter.on('left', () => undefined)
    expect(warn).toHaveBeenCalledTimes(1)
    for (const count of [-1, NaN, '2', undefined] as number[]) {
      expect(() => (Client.defaultMaxListeners = count)).toThrow(RangeError)
      expect(() => emitter.setMaxListeners(count)).toThrow(RangeError)
    }
    expect(Client.defaultMaxListeners).toBe(2)
  })

  test('takes functions only', () => {
    expect(() => new RtmEmitter<Events>().on('left', 'a text' as never)).toThrow(TypeError)
  })
})
