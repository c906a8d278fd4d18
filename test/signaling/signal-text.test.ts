import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import type { SessionId, UserId } from '../../src/base/ids.ts'
import { decodeClientMessage } from '../../src/protocol/client-messages.ts'
import { decodeServerMessage, MAX_SIGNAL_CHARS } from '../../src/protocol/server-messages.ts'
import { readSignalText, writeSignalText } from '../../signaling/signal-text.ts'

const BOB = 'b'.repeat(32) as SessionId
const alice = {
  userId: ' !#$%&()+-:;<=.>?@[]^_{}|~,' as UserId,
  sessionId: 'a'.repeat(32) as SessionId,
  loginTime: 7,
}

const signalTo = (to: string, signal: unknown) => JSON.stringify({ type: 'signal', to, signal })

describe('the short way of a signal', () => {
  test('reads any text as the long way does, and the recipient reads what was sent', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (signal) => {
        const text = signalTo(BOB, signal)
        const read = readSignalText(text)
        expect(read).toMatchObject({ to: BOB, signal })
        expect(decodeClientMessage(text)).toEqual({ type: 'signal', to: BOB, signal })
        const written = writeSignalText(alice, read?.json ?? '')
        expect(decodeServerMessage(written)).toEqual({ type: 'signal', from: alice, signal })
      }),
    )
  })

  test('passes escapes on as they came', () => {
    const text = `{"type":"signal","to":"${BOB}","signal":"\\u0041\\n\\"}"}`
    const read = readSignalText(text)
    expect(read?.signal).toBe('A\n"}')
    expect(writeSignalText(alice, read?.json ?? '')).toContain('"signal":"\\u0041\\n\\"}"}')
  })

  test.for([
    ['says more behind the signal', `{"type":"signal","to":"${BOB}","signal":"a","from":"b"}`],
    ['has the signal twice', `{"type":"signal","to":"${BOB}","signal":"a","signal":"b"}`],
    ['closes its object before its end', `{"type":"signal","to":"${BOB}","signal":"a"},{"b":"c"}`],
    ['has no end', `{"type":"signal","to":"${BOB}","signal":"a}`],
    ['ends in an escape', `{"type":"signal","to":"${BOB}","signal":"a\\"}`],
    ['has a line break in its text', `{"type":"signal","to":"${BOB}","signal":"a\nb"}`],
    ['has nothing', `{"type":"signal","to":"${BOB}","signal":"}`],
    ['names no session', signalTo('B'.repeat(32), 'a')],
    ['is not a text', signalTo(BOB, 1)],
    ['is too long', signalTo(BOB, 'x'.repeat(MAX_SIGNAL_CHARS + 1))],
    ['has its parts in another order', JSON.stringify({ to: BOB, type: 'signal', signal: 'a' })],
    ['is another message', '{"type":"pong"}'],
    ['is empty', ''],
  ] as const)('is not taken by what %s', ([, text]) => {
    expect(readSignalText(text)).toBeUndefined()
  })

  test('is never taken by what the long way refuses', () => {
    const whole = signalTo(BOB, 'v=0\r\n"quoted" \u2028 text')
    fc.assert(
      fc.property(fc.nat(whole.length), fc.nat(3), fc.string({ maxLength: 3 }), (at, cut, put) => {
        const text = whole.slice(0, at) + put + whole.slice(at + cut)
        const read = readSignalText(text)
        if (!read) return
        const { to, signal, json } = read
        expect(decodeClientMessage(text)).toEqual({ type: 'signal', to, signal })
        expect(decodeServerMessage(writeSignalText(alice, json))).toEqual({
          type: 'signal',
          from: alice,
          signal,
        })
      }),
      { numRuns: 2_000 },
    )
  })
})
