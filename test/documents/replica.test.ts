import './held-timers.ts'

import { afterEach, describe, expect, test, vi } from 'vitest'

import { type Bytes, utf8 } from '../../src/base/bytes.ts'
import { Replica } from '../../src/documents/replica.ts'
import type { SideChannel, SideChannelEvents } from '../../src/mesh/side-channel.ts'
import { settle } from '../support/pass-time.ts'

let count = 0

/** Two replicas of one generation, and a channel between them on which everything arrives at once. */
function setup() {
  const events: string[] = []
  const replica = (name: string): Replica =>
    new Replica(
      { name: `test/${++count}/${name}`, clientId: count },
      {
        changed: (places, sessionIds) => {
          if (places.size + sessionIds.size > 0) events.push(`${name}: ${[...places, ...sessionIds].join()}`)
        },
      },
    )
  const [alice, bob] = [replica('alice'), replica('bob')]
  return { alice, bob, events, replica }
}

/** One end of a channel; a test is at the other. */
function channelEnd() {
  const sent: Bytes[] = []
  const told: string[] = []
  let events: SideChannelEvents | undefined
  const end = {
    sent,
    told,
    isClosed: false,
    onSend: (_message: Bytes): void => undefined,
    open(theEvents: SideChannelEvents): SideChannel {
      events = theEvents
      return {
        bufferedBytes: 0,
        send(message) {
          sent.push(message)
          end.onSend(message)
        },
        close: () => void (end.isClosed = true),
      }
    },
    events: {
      admits: () => true,
      closed: () => void told.push('closed'),
      breach: (fault: string) => void told.push(fault),
    },
    message: (message: Uint8Array) => events?.message(message),
    close: () => events?.closed(),
  }
  return end
}

async function connect(one: Replica, other: Replica) {
  const [mine, theirs] = [channelEnd(), channelEnd()]
  mine.onSend = (message) => queueMicrotask(() => theirs.message(message))
  theirs.onSend = (message) => queueMicrotask(() => mine.message(message))
  const connections = [
    one.connect((events) => mine.open(events), mine.events),
    other.connect((events) => theirs.open(events), theirs.events),
  ]
  for (const connection of connections) await connection?.start()
  await settle()
  return { mine, theirs, connections }
}

afterEach(() => {
  vi.unstubAllGlobals()
})

describe('Two replicas', () => {
  test('come to have the same, what was there before and what is written then', async () => {
    const { alice, bob, events } = setup()
    alice.records.set('a', utf8('1'))
    bob.authors.set('b', utf8('2'))
    await connect(alice, bob)
    expect(alice.authors.get('b')).toEqual(utf8('2'))
    expect(bob.records.get('a')).toEqual(utf8('1'))
    alice.records.set('c', utf8('3'))
    alice.records.delete('a')
    await settle()
    expect([...bob.records.keys()]).toEqual(['c'])
    expect(events).toEqual([
      'alice: a',
      'bob: b',
      'alice: b',
      'bob: a',
      'alice: c',
      'alice: a',
      'bob: c',
      'bob: a',
    ])
    alice.close()
    bob.close()
  })

  test('send a change as one message, whatever is in it', async () => {
    const { alice, bob } = setup()
    const { mine } = await connect(alice, bob)
    mine.sent.length = 0
    alice.change(() => {
      for (const key of ['a', 'b', 'c']) alice.records.set(key, utf8(key))
      alice.authors.set('d', utf8('d'))
    })
    expect(mine.sent).toHaveLength(1)
    alice.close()
    bob.close()
  })

  test('pass on what they have from others', async () => {
    const { alice, bob, replica } = setup()
    const carol = replica('carol')
    await connect(alice, bob)
    await connect(bob, carol)
    alice.records.set('a', utf8('1'))
    await settle()
    expect(carol.records.get('a')).toEqual(utf8('1'))
    for (const one of [alice, bob, carol]) one.close()
  })

  test('that are closed say and take nothing', async () => {
    const { alice, bob, events } = setup()
    const { mine, theirs } = await connect(alice, bob)
    alice.close()
    await settle()
    mine.sent.length = 0
    events.length = 0
    bob.records.set('b', utf8('1'))
    theirs.message(new Uint8Array([0, 0, 1, 0]))
    await settle()
    expect(mine.sent).toEqual([])
    expect(events).toEqual(['bob: b'])
    bob.close()
  })

  test('can be closed before they have begun', async () => {
    const { alice, bob } = setup()
    const end = channelEnd()
    const connection = alice.connect((events) => end.open(events), end.events)
    alice.close()
    bob.close()
    await connection?.start()
    await settle()
    expect(end.sent).toEqual([])
  })
})

describe('A connection', () => {
  test('is closed by the other side, or here: told once, or not at all', async () => {
    const { alice, bob } = setup()
    const { mine, theirs, connections } = await connect(alice, bob)
    mine.close()
    mine.close()
    connections[1]?.close()
    await settle()
    expect([mine.told, theirs.told]).toEqual([['closed'], []])
    expect(theirs.isClosed).toBe(true)
    alice.close()
    bob.close()
  })

  test('takes what came before both ends were there', async () => {
    const { alice, bob } = setup()
    bob.records.set('b', utf8('2'))
    const { theirs } = await connect(bob, alice)
    const end = channelEnd()
    const { replica } = setup()
    const carol = replica('carol')
    const connection = carol.connect((events) => end.open(events), end.events)
    for (const message of theirs.sent) end.message(message)
    expect(carol.records.size).toBe(0)
    await connection?.start()
    await settle()
    expect(end.sent.length).toBeGreaterThan(0)
    for (const one of [alice, bob, carol]) one.close()
  })

  test('is closed with a word of what was wrong with a message', async () => {
    const { alice, bob } = setup()
    const { mine, theirs } = await connect(alice, bob)
    mine.message(new Uint8Array([1, 2, 3]))
    expect(mine.told).toEqual(['a message that is not about the document'])
    expect(mine.isClosed).toBe(true)
    mine.message(new Uint8Array([1, 2, 3]))
    mine.close()
    expect(mine.told).toHaveLength(1)
    expect(theirs.told).toEqual([])
    alice.close()
    bob.close()
  })

  test('is closed by who would have to say more in one message than the other takes', async () => {
    const { alice, bob } = setup()
    for (let i = 0; i < 20; i++) alice.records.set(`k${i}`, new Uint8Array(8 * 1024))
    const { mine, theirs } = await connect(alice, bob)
    expect(mine.told).toEqual(['closed'])
    expect(theirs.told).toEqual([])
    expect(Math.max(...mine.sent.map(({ byteLength }) => byteLength))).toBeLessThan(1_024)
    alice.close()
    bob.close()
  })

  test('is told of what brings news and what does not', async () => {
    const { alice, bob } = setup()
    alice.records.set('a', utf8('1'))
    const isNews: boolean[] = []
    const [mine, theirs] = [channelEnd(), channelEnd()]
    const seen: Uint8Array[] = []
    mine.onSend = (message) => {
      seen.push(message)
      theirs.message(message)
    }
    theirs.onSend = (message) => mine.message(message)
    const toBob = alice.connect((events) => mine.open(events), mine.events)
    const events = { ...theirs.events, admits: (_: number, is: boolean) => isNews.push(is) > 0 }
    const toAlice = bob.connect((it) => theirs.open(it), events)
    await toBob?.start()
    await toAlice?.start()
    await settle()
    expect(isNews).toContain(true)
    isNews.length = 0
    for (const message of seen.filter(([, step]) => step === 1)) theirs.message(message)
    expect(isNews).not.toContain(true)
    expect(isNews).toContain(false)
    alice.close()
    bob.close()
  })
})

describe('A page that is about to be left', () => {
  test('and is not after all goes on replicating, with new channels', async () => {
    const window = new EventTarget()
    vi.stubGlobal('window', window)
    const { alice, bob } = setup()
    const { mine, theirs } = await connect(alice, bob)
    window.dispatchEvent(new Event('beforeunload'))
    await settle()
    expect([mine.told, theirs.told]).toEqual([['closed'], ['closed']])
    alice.records.set('a', utf8('1'))
    await connect(alice, bob)
    bob.records.set('b', utf8('2'))
    await settle()
    expect(bob.records.get('a')).toEqual(utf8('1'))
    expect(alice.records.get('b')).toEqual(utf8('2'))
    alice.close()
    bob.close()
  })

  test('also if it had no channel at that moment', async () => {
    const window = new EventTarget()
    vi.stubGlobal('window', window)
    const { alice, bob } = setup()
    await settle()
    window.dispatchEvent(new Event('beforeunload'))
    await settle()
    await connect(alice, bob)
    alice.records.set('a', utf8('1'))
    await settle()
    expect(bob.records.get('a')).toEqual(utf8('1'))
    alice.close()
    bob.close()
  })
})

describe('What y-webrtc does for tabs by itself', () => {
  test('is not done: nothing is said in a broadcast channel, and none is left open', async () => {
    const said: unknown[] = []
    const open = new Set<BroadcastChannel>()
    const { postMessage, close } = BroadcastChannel.prototype
    vi.spyOn(BroadcastChannel.prototype, 'postMessage').mockImplementation(function (
      this: BroadcastChannel,
      message: unknown,
    ) {
      said.push(message)
      open.add(this)
      postMessage.call(this, message)
    })
    vi.spyOn(BroadcastChannel.prototype, 'close').mockImplementation(function (this: BroadcastChannel) {
      open.delete(this)
      close.call(this)
    })
    const { alice, bob } = setup()
    await connect(alice, bob)
    alice.records.set('a', utf8('1'))
    await settle()
    alice.close()
    bob.close()
    await settle()
    expect(said).toEqual([])
    expect(open.size).toBe(0)
    vi.restoreAllMocks()
  })
})
