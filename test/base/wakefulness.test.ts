import { expect, onTestFinished, test } from 'vitest'

import { Wakefulness } from '../../src/base/wakefulness.ts'
import { ManualClock } from '../support/manual-clock.ts'

function setup() {
  const manual = new ManualClock()
  let aheadMs = 0
  const clock = {
    now: () => manual.now() + aheadMs,
    after: (delayMs: number, run: () => void) => manual.after(delayMs, run),
  }
  const wakefulness = new Wakefulness(clock)
  const heard: string[] = []
  const cancels = [
    wakefulness.onPulse(() => heard.push('pulse')),
    wakefulness.onOverslept(() => heard.push('overslept')),
  ]
  onTestFinished(() => {
    wakefulness.stop()
    expect(manual.pending).toBe(0)
  })
  return {
    manual,
    clock,
    wakefulness,
    heard,
    cancels,
    /** Somebody sets the machine's clock forward. */
    jump: (ms: number) => void (aheadMs += ms),
  }
}

test('Four times a second everybody is called who wants to be', () => {
  const { manual, heard, cancels } = setup()
  manual.advance(1_000)
  expect(heard).toEqual(Array(4).fill('pulse'))
  for (const cancel of cancels) cancel()
  manual.advance(1_000)
  expect(heard).toHaveLength(4)
})

test('A page that slept is told so once, before anybody looks at the time', () => {
  const { manual, heard } = setup()
  manual.advance(250)
  manual.sleep(20_000)
  manual.advance(0)
  manual.advance(250)
  expect(heard).toEqual(['pulse', 'overslept', 'pulse', 'pulse'])
})

test('Timers of a hidden page come once a second: that is no sleep', () => {
  const { manual, heard } = setup()
  for (let second = 0; second < 10; second++) {
    manual.sleep(1_000)
    manual.advance(0)
  }
  expect(heard).not.toContain('overslept')
})

test('A clock that jumps without a pause is noticed by whoever asks for the time first', () => {
  const { manual, clock, wakefulness, heard, jump } = setup()
  jump(3_600_000)
  expect(wakefulness.now()).toBe(clock.now())
  expect(heard).toEqual(['overslept'])
  manual.advance(500)
  expect(heard).toEqual(['overslept', 'pulse', 'pulse'])
})

test('A clock that is set back neither excuses anybody nor stops the pulse', () => {
  const { manual, heard, jump } = setup()
  jump(-3_600_000)
  manual.advance(500)
  jump(3_600_000)
  manual.advance(500)
  // When it is right again it has jumped forward.
  expect(heard).toEqual(['pulse', 'pulse', 'overslept', 'pulse', 'pulse'])
})

test('Who is cancelled by another is not called any more in the same pulse', () => {
  const { manual, wakefulness, heard } = setup()
  const cancels: (() => void)[] = []
  wakefulness.onPulse(() => {
    for (const cancel of cancels) cancel()
  })
  cancels.push(wakefulness.onPulse(() => heard.push('cancelled')))
  manual.advance(250)
  expect(heard).toEqual(['pulse'])
})
