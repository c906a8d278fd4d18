import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import { setup } from './setup.ts'

const { AgoraRtmLogFilter: Filter, AgoraRtmMessage } = await import('../../src/index.ts')

beforeEach(() => {
  for (const method of ['error', 'warn', 'info'] as const)
    vi.spyOn(console, method).mockImplementation(() => undefined)
})
afterEach(() => {
  vi.restoreAllMocks()
})

interface Line {
  readonly time: string
  readonly level: string
  readonly kit: string
  readonly user?: string
  readonly text: string
  readonly details?: Record<string, unknown>
  readonly unwritten?: number
}

function linesOf(log: string): Line[] {
  const lines = log.split('\n')
  expect(lines.pop()).toBe('')
  return lines.map((line): Line => JSON.parse(line))
}

/** Alice's kit, whose log a test can write to. */
function setupLog() {
  const world = setup()
  const { kit } = world.kit('alice')
  const { log } = kit['internals']().logbook
  return {
    ...world,
    kit,
    log,
    texts: async () => linesOf(await kit.readLog()).map(({ text }) => text),
    lines: async () => linesOf(await kit.readLog()),
  }
}

describe('The log of a kit', () => {
  test('has a line for each thing that happens, with time, kit and user', async () => {
    const { loggedIn, clock } = setup()
    const { kit } = await loggedIn('alice')
    const lines = linesOf(await kit.readLog())
    expect(lines.map(({ text }) => text)).toEqual([
      'A kit was made',
      'A login begins',
      'The connection state changed',
      'The connection state changed',
    ])
    expect(lines[0]).toMatchObject({ level: 'info', time: new Date(clock.now() - 50).toISOString() })
    expect(lines[3]).toMatchObject({ user: 'alice', details: { state: 'connected' } })
    expect(new Set(lines.map(({ kit: id }) => id)).size).toBe(1)
  })

  test('goes to the file that is set right after the kit is made, with all before', async () => {
    const { kit, texts, logStore, pass } = setupLog()
    expect(kit.setLogFile('/logs/mine.log')).toBe(0)
    await pass(2_000)
    expect(logStore.names).toEqual(['/logs/mine.log'])
    expect(await texts()).toEqual(['A kit was made'])
  })

  test.each(['', 'a\nb', 'a\0b', '\ud800', 'a'.repeat(1_025), 7, null, undefined])(
    'takes no %j as the name of its file',
    async (name) => {
      const { kit, pass, logStore } = setupLog()
      expect(kit.setLogFile(name as string)).toBe(1)
      expect(console.error).toHaveBeenCalledOnce()
      await pass(2_000)
      expect(logStore.names).toEqual(['agorartm.log'])
    },
  )

  test('takes any other text as the name of its file', () => {
    const { kit } = setupLog()
    for (const name of ['a', 'Library/caches/agorartm.log', '日本語.log', '🙂', 'a'.repeat(1_024)])
      expect(kit.setLogFile(name)).toBe(0)
  })

  test.each([512, 10_240, 1_048_576])('takes %i KB as the size of its files', (size) => {
    const { kit } = setupLog()
    expect(kit.setLogFileSize(size)).toBe(0)
    expect(kit['internals']().logbook.fileSize).toBe(size)
  })

  test.each([511, 1_048_577, 0, -1, 600.5, Number.NaN, Infinity, '600', null])(
    'takes no %j KB as the size of its files, and keeps the size that it had',
    (size) => {
      const { kit } = setupLog()
      expect(kit.setLogFileSize(size as number)).toBe(1)
      expect(console.error).toHaveBeenCalledOnce()
      expect(kit['internals']().logbook.fileSize).toBe(10_240)
    },
  )

  test.each([
    ['Off', []],
    ['Critical', ['critical']],
    ['Error', ['critical', 'error']],
    ['Warn', ['critical', 'error', 'warn']],
    ['Info', ['critical', 'error', 'warn', 'info']],
  ] as const)('with the filter %s has the lines of its levels, and no others', async (name, levels) => {
    const { kit, log, lines } = setupLog()
    await kit.clearLog()
    expect(kit.setLogFilters(Filter[name])).toBe(0)
    for (const level of ['critical', 'error', 'warn', 'info'] as const) log(level, 'what happened')
    expect((await lines()).map(({ level }) => level)).toEqual(levels)
  })

  test.each([Filter.Mask, 1, 16, -1, 'Info', '15', null, undefined])('takes no filter %j', async (filter) => {
    const { kit, log, texts } = setupLog()
    expect(kit.setLogFilters(filter as never)).toBe(1)
    expect(console.error).toHaveBeenCalledOnce()
    log('info', 'still written')
    expect(await texts()).toContain('still written')
  })

  test('that is switched off before anything was written is never touched', async () => {
    const { kit, logStore, pass, after } = setupLog()
    kit.setLogFilters(Filter.Off)
    await after(50, kit.loginByToken(null, 'alice'))
    await pass(5_000)
    expect(logStore.names).toEqual([])
  })

  test('is written a second later at most', async () => {
    const { log, logStore, pass } = setupLog()
    await pass(10_000)
    log('info', 'at once')
    await pass(100)
    log('info', 'a little later')
    await pass(100)
    const kept = async () => (await logStore.read('agorartm.log')).join('')
    expect(await kept()).toContain('at once')
    expect(await kept()).not.toContain('a little later')
    await pass(900)
    expect(await kept()).toContain('a little later')
  })

  test('says in words why a call failed, and again only after a while', async () => {
    const { kit, texts } = setupLog()
    for (let i = 0; i < 3; i++) await kit.sendMessage(AgoraRtmMessage.initWithText('x'), 'bob')
    const told = 'sendMessage: Nobody is logged in; call login first and wait for its success'
    expect((await texts()).filter((text) => text.startsWith('sendMessage'))).toEqual([told])
    expect(console.warn).toHaveBeenCalledExactlyOnceWith(`rtm-mesh: ${told}`)
  })

  test('has one sentence sixty times in a minute, and says how often it was said beyond', async () => {
    const { log, lines, pass } = setupLog()
    for (let i = 0; i < 100; i++) log('info', 'again')
    await pass(60_000)
    log('info', 'again')
    const again = (await lines()).filter(({ text }) => text === 'again')
    expect(again).toHaveLength(61)
    expect(again.at(-1)).toMatchObject({ unwritten: 40 })
  })

  test('has no query, password or fragment of a URL, whoever said it, and no endless texts', async () => {
    const { log, lines } = setupLog()
    log('info', 'to wss://me:secret@example.org:1/rtm?token=secret#secret', {
      error: `SyntaxError: 'ws://example.org/a?b=secret' is not valid ${'.'.repeat(5_000)}`,
    })
    const line = (await lines()).at(-1)
    expect(line?.text).toBe('to wss://example.org:1/rtm')
    expect(line?.details?.['error']).toMatch(/^SyntaxError: 'ws:\/\/example.org\/a' is not valid/)
    expect(JSON.stringify(line).length).toBeLessThan(1_000)
  })

  test.each([
    ['with an @', 'to wss://me:pa@secret@example.org/rtm'],
    ['with a quote', "to wss://me:pa'secret@example.org/rtm"],
    ['where the text is cut off', `to ${'.'.repeat(481)} wss://me:secret@example.org/rtm`],
  ])('has no password of a URL %s', async (_how, text) => {
    const { log, lines } = setupLog()
    log('info', text, { error: text })
    expect(JSON.stringify((await lines()).at(-1))).not.toMatch(/pa@|pa'|secret/)
  })

  test('is gathered under each name that it has, so that those of old names can be forgotten', async () => {
    const { kit, log, logStore, pass } = setupLog()
    const gathered = vi.spyOn(logStore, 'gather')
    for (let day = 1; day <= 5; day++) {
      kit.setLogFile(`day ${day}`)
      log('info', 'morning')
      await pass(2_000)
    }
    expect(gathered.mock.calls.map(([name]) => name)).toEqual([1, 2, 3, 4, 5].map((day) => `day ${day}`))
  })

  test('of several kits of one name is one, in the order of the times', async () => {
    const { kit, clock } = setup()
    const [alice, bob] = [kit('alice').kit, kit('bob').kit]
    for (let i = 0; i < 4; i++) {
      const { log } = (i % 2 === 0 ? alice : bob)['internals']().logbook
      log('info', `line ${i}`)
      clock.advance(10)
    }
    await bob.readLog()
    const texts = linesOf(await alice.readLog()).map(({ text }) => text)
    expect(texts.filter((text) => text.startsWith('line'))).toEqual(['line 0', 'line 1', 'line 2', 'line 3'])
  })

  test('goes on in memory when the disk is full, with the latest lines, and says so once', async () => {
    const { log, logStore, pass, kit } = setupLog()
    await pass(2_000)
    logStore.failure = 'QuotaExceededError'
    for (let i = 0; i < 20_000; i++) {
      log('info', `sentence ${i} ${'.'.repeat(400)}`)
      if (i % 1_000 === 0) await pass(1_000)
    }
    const read = await kit.readLog()
    expect(read.length).toBeLessThan(1_100_000)
    expect(read).toContain('sentence 19999')
    expect(console.warn).toHaveBeenCalledOnce()
    logStore.failure = undefined
    await pass(31_000)
    log('info', 'there is room again')
    await pass(2_000)
    expect((await logStore.read('agorartm.log')).join('')).toContain('sentence 19999')
  })

  test('can be read where the disk never answers', async () => {
    const { kit, logStore, log, pass } = setupLog()
    logStore.isSilent = true
    log('info', 'in memory')
    await pass(5_000)
    log('info', 'later')
    const read = kit.readLog()
    await pass(2_000)
    expect(linesOf(await read).map(({ text }) => text)).toEqual(
      expect.arrayContaining(['A kit was made', 'in memory', 'later']),
    )
    expect(console.warn).toHaveBeenCalledOnce()
  })

  test('is empty after it was cleared, and goes on', async () => {
    const { kit, log, texts, pass } = setupLog()
    await pass(2_000)
    await kit.clearLog()
    expect(await kit.readLog()).toBe('')
    log('info', 'new')
    expect(await texts()).toEqual(['new'])
  })

  test('of a kit that was destroyed can be read; nothing of it can be set', async () => {
    const { kit, texts } = setupLog()
    kit.destroy()
    expect(await texts()).toContain('A kit was made')
    expect([kit.setLogFile('a'), kit.setLogFileSize(600), kit.setLogFilters(Filter.Off)]).toEqual([1, 1, 1])
    expect(kit.setParameters('{"rateLimits":false}')).toBe(1)
  })
})

describe('setParameters', () => {
  test.each([
    ['off', []],
    ['error', ['error', 'error']],
    ['warn', ['error', 'error', 'warn']],
    ['info', ['error', 'error', 'warn', 'info']],
  ] as const)('with consoleLog %s has the console say these: %j', (consoleLog, said) => {
    const { kit, log } = setupLog()
    expect(kit.setParameters(JSON.stringify({ consoleLog }))).toBe(0)
    for (const level of ['critical', 'error', 'warn', 'info'] as const) log(level, 'what happened')
    const methods = (['error', 'warn', 'info'] as const).flatMap((method) =>
      vi.mocked(console[method]).mock.calls.map(() => method),
    )
    expect(methods).toEqual(said)
  })

  test('takes nothing else as consoleLog', () => {
    const { kit } = setupLog()
    for (const level of ['', 'debug', true, 1, null])
      expect(kit.setParameters(JSON.stringify({ consoleLog: level }))).toBe(1)
    expect(console.error).toHaveBeenCalledTimes(5)
  })

  test('does nothing of what it was given when one of it is wrong', () => {
    const { kit, log } = setupLog()
    expect(kit.setParameters('{"consoleLog":"off","rateLimits":"no"}')).toBe(1)
    expect(kit.setParameters('{"consoleLog":"off","unknown":1}')).toBe(1)
    log('warn', 'still said')
    expect(console.warn).toHaveBeenCalledOnce()
  })

  test('works while somebody logs in, is logged in, and was thrown out', async () => {
    const { kit, pass, loggedIn } = setup()
    const { kit: alice, news } = kit('alice')
    const set = () => alice.setParameters('{"rateLimits":true}')
    void alice.loginByToken(null, 'alice')
    expect(set()).toBe(0)
    await pass(50)
    expect(set()).toBe(0)
    await loggedIn('alice')
    await pass(50)
    expect(news()).toContain('state 5 (8)')
    expect(set()).toBe(0)
  })
})
