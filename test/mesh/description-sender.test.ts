import { describe, expect, onTestFinished, test } from 'vitest'

import { DescriptionSender } from '../../src/mesh/description-sender.ts'
import type { Candidate } from '../../src/protocol/link-signals.ts'
import { ManualClock } from '../support/manual-clock.ts'

const candidate = (text: string): Candidate => ({ candidate: text, sdpMid: '0', sdpMLineIndex: 0 })

function setup({ hold, hasIceServers = true }: { hold: boolean; hasIceServers?: boolean }) {
  const clock = new ManualClock()
  const start = clock.now()
  const signals: string[] = []
  const say = (what: string, candidates: Candidate[]): void => {
    const at = clock.now() - start
    signals.push([`${at} ms: ${what}`, ...candidates.map((one) => one.candidate)].join(' '))
  }
  const sender = new DescriptionSender(clock, hold, hasIceServers, {
    description: say,
    candidates: (candidates) => say('candidates', candidates),
  })
  onTestFinished(() => {
    sender.close()
    expect(clock.pending).toBe(0)
  })
  return { clock, signals, sender, add: (text: string) => sender.candidate(candidate(text)) }
}

describe('An offer', () => {
  test('goes at once, and its first candidates follow together 20 ms after the first', () => {
    const { clock, signals, sender, add } = setup({ hold: false })
    sender.description('offer')
    clock.advance(3)
    add('a')
    clock.advance(19)
    add('b')
    clock.advance(1)
    expect(signals).toEqual(['0 ms: offer', '23 ms: candidates a b'])
  })
})

describe('An answer', () => {
  test('waits for its first candidates and their siblings', () => {
    const { clock, signals, sender, add } = setup({ hold: true })
    sender.description('answer')
    clock.advance(5)
    add('a')
    clock.advance(9)
    add('b')
    clock.advance(100)
    expect(signals).toEqual(['15 ms: answer a b'])
  })

  test('waits 40 ms at most', () => {
    const { clock, signals, sender, add } = setup({ hold: true })
    sender.description('answer')
    clock.advance(41)
    add('late')
    clock.advance(100)
    clock.advance(100)
    expect(signals).toEqual(['40 ms: answer', '241 ms: candidates late'])
  })

  test('takes along what is there when its 40 ms are over', () => {
    const { clock, signals, sender, add } = setup({ hold: true })
    sender.description('answer')
    clock.advance(35)
    add('a')
    clock.advance(100)
    expect(signals).toEqual(['40 ms: answer a'])
  })

  test('is never overtaken by its candidates', () => {
    const { clock, signals, sender, add } = setup({ hold: true })
    add('early')
    clock.advance(15)
    sender.description('answer')
    clock.advance(100)
    expect(signals).toEqual([expect.stringMatching(/answer early$/)])
  })
})

describe('Candidates', () => {
  test('that come one by one leave every 200 ms in six messages at most', () => {
    const { clock, signals, sender, add } = setup({ hold: false })
    sender.description('offer')
    for (let i = 0; i < 60; i++) {
      add(`${i}`)
      clock.advance(100)
    }
    expect(signals).toHaveLength(1 + 6)
    expect(signals[2]).toMatch(/^300 ms/)
  })

  test('that straggle without ICE servers leave only if there is still no link after a second', () => {
    for (const isLinked of [true, false]) {
      const { clock, signals, sender, add } = setup({ hold: true, hasIceServers: false })
      sender.description('answer')
      clock.advance(50)
      add('late')
      clock.advance(900)
      if (isLinked) sender.close()
      clock.advance(200)
      expect(signals).toEqual(isLinked ? ['40 ms: answer'] : ['40 ms: answer', '1050 ms: candidates late'])
    }
  })

  test('that reach no browser are not sent', () => {
    const { clock, signals, sender, add } = setup({ hold: false })
    sender.description('offer')
    add('')
    add('candidate:1 1 tcp 1518214911 192.0.2.1 9 typ host tcptype active')
    clock.advance(1_000)
    expect(signals).toEqual(['0 ms: offer'])
  })

  test('are not sent after the end', () => {
    const { clock, signals, sender, add } = setup({ hold: true })
    sender.description('answer')
    add('a')
    sender.close()
    add('b')
    clock.advance(1_000)
    expect(signals).toEqual([])
  })
})
