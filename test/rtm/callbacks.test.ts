import { afterEach, describe, expect, test, vi } from 'vitest'

import { Callbacks } from '../../src/rtm/callbacks.ts'
import { settle } from '../support/pass-time.ts'

afterEach(() => {
  vi.unstubAllGlobals()
})

describe('Callbacks', () => {
  test('are never made inside the call that causes them', async () => {
    const callbacks = new Callbacks()
    const log: string[] = []
    void callbacks.answer(
      (code) => log.push(`completion ${code}`),
      (done: (code: number) => void) => done(7),
    )
    log.push('after the call')
    await settle()
    expect(log).toEqual(['after the call', 'completion 7'])
  })

  test('come in the order in which they were posted, answers and events alike', async () => {
    const callbacks = new Callbacks()
    const log: string[] = []
    callbacks.post(() => log.push('first event'))
    void callbacks.answer(
      () => log.push('completion'),
      (done: (code: number) => void) => done(0),
    )
    callbacks.post(() => {
      log.push('second event')
      callbacks.post(() => log.push('posted by the second'))
    })
    callbacks.post(() => log.push('third event'))
    await settle()
    expect(log).toEqual(['first event', 'completion', 'second event', 'third event', 'posted by the second'])
  })

  test('wait for the code that awaits the answer before them', async () => {
    const callbacks = new Callbacks()
    const log: string[] = []
    async function join(): Promise<number> {
      const code = await callbacks.answer(null, (done: (code: number) => void) => done(0))
      log.push('awaited')
      return code
    }
    async function program(): Promise<void> {
      await join()
      log.push('and what waits for that')
    }
    void program()
    callbacks.post(() => log.push('event'))
    await settle()
    expect(log).toEqual(['awaited', 'and what waits for that', 'event'])
  })

  test('of others are made although one throws, and its author hears of it', async () => {
    const reported: unknown[] = []
    vi.stubGlobal('reportError', (error: unknown) => reported.push(error))
    const callbacks = new Callbacks()
    const log: string[] = []
    const mistake = new Error('a mistake in a delegate')
    callbacks.post(() => {
      throw mistake
    })
    const answer = callbacks.answer(
      () => {
        throw mistake
      },
      (done: (code: number) => void) => done(3),
    )
    callbacks.post(() => log.push('event'))
    expect(await answer).toBe(3)
    await settle()
    expect(log).toEqual(['event'])
    expect(reported).toEqual([mistake, mistake])
  })

  test('need no completion', async () => {
    const callbacks = new Callbacks()
    for (const completion of [null, undefined])
      expect(await callbacks.answer(completion, (done: (code: number) => void) => done(1))).toBe(1)
  })
})
