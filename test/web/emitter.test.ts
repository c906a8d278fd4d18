import { afterEach, describe, expect, test, vi } from 'vitest'

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

  test('warns once where listeners pile up, as many as the program allows', () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined)
    const { emitter } = setup()
    for (let i = 0; i < 20; i++) emitter.on('left', () => undefined)
    expect(warn).toHaveBeenCalledTimes(1)
    const other = new RtmEmitter<Events>().setMaxListeners(0)
    expect([other.getMaxListeners(), emitter.getMaxListeners(), RtmEmitter.defaultMaxListeners]).toEqual([
      0, 10, 10,
    ])
    for (let i = 0; i < 20; i++) other.on('left', () => undefined)
    expect(warn).toHaveBeenCalledTimes(1)
  })

  test('takes functions only', () => {
    expect(() => new RtmEmitter<Events>().on('left', 'a text' as never)).toThrow(TypeError)
  })
})
