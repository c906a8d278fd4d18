import { expect, test } from 'vitest'

import { Deadlines } from '../../src/base/deadlines.ts'
import { ManualClock } from '../support/manual-clock.ts'

function setup() {
  const clock = new ManualClock()
  const deadlines = new Deadlines(clock, 1_000)
  const over: string[] = []
  const add = (name: string) => deadlines.add(() => over.push(name))
  return { clock, deadlines, over, add }
}

test('Each deadline has its own time, however many there are, and all share one timer', () => {
  const { clock, over, add } = setup()
  add('first')
  clock.advance(400)
  add('second')
  add('third')
  expect(clock.pending).toBe(1)
  clock.advance(599)
  expect(over).toEqual([])
  clock.advance(1)
  expect(over).toEqual(['first'])
  clock.advance(399)
  expect(over).toEqual(['first'])
  clock.advance(1)
  expect(over).toEqual(['first', 'second', 'third'])
  expect(clock.pending).toBe(0)
})

test('A deadline that was met does nothing, and neither does meeting it twice', () => {
  const { clock, over, add } = setup()
  const [meet] = [add('met'), add('missed')]
  meet()
  meet()
  clock.advance(1_000)
  expect(over).toEqual(['missed'])
  meet()
  clock.advance(1_000)
  expect(over).toEqual(['missed'])
})

test('A deadline that sets another one gives it all of its time', () => {
  const { clock, deadlines, over, add } = setup()
  deadlines.add(() => {
    over.push('first')
    add('second')
  })
  clock.advance(1_999)
  expect(over).toEqual(['first'])
  clock.advance(1)
  expect(over).toEqual(['first', 'second'])
})

test('A deadline that sets another one makes none of the others late, and may call them off', () => {
  const { clock, deadlines, over, add } = setup()
  deadlines.add(() => {
    over.push('first')
    add('new')
    callOff()
  })
  const callOff = add('called off')
  clock.advance(500)
  add('second')
  clock.advance(500)
  expect(over).toEqual(['first'])
  clock.advance(500)
  expect(over).toEqual(['first', 'second'])
  clock.advance(500)
  expect(over).toEqual(['first', 'second', 'new'])
})

test('After a sleep all that are over have run', () => {
  const { clock, over, add } = setup()
  add('first')
  clock.advance(10)
  add('second')
  clock.sleep(60_000)
  clock.advance(0)
  expect(over).toEqual(['first', 'second'])
})

test('No timer is left when they are closed, but those that wait still have their time', () => {
  const { clock, deadlines, over, add } = setup()
  add('met')()
  expect(clock.pending).toBe(1)
  deadlines.close()
  expect(clock.pending).toBe(0)

  const meet = add('met after the end')
  add('missed after the end')
  meet()
  clock.advance(1_000)
  expect(over).toEqual(['missed after the end'])
  const last = add('last')
  last()
  expect(clock.pending).toBe(0)
})
