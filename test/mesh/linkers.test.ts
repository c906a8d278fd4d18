import { describe, expect, onTestFinished, test } from 'vitest'

import type { SessionId } from '../../src/base/ids.ts'
import type { Link } from '../../src/mesh/link.ts'
import type { Linker, LinkerEvents } from '../../src/mesh/linker.ts'
import { type RelayedLinker, Linkers } from '../../src/mesh/linkers.ts'
import type { RelayLink } from '../../src/mesh/relay-link.ts'
import type { RelayLinkerEvents } from '../../src/mesh/relay-pair.ts'
import type { Peer } from '../../src/protocol/peer.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { peerOf } from './setup.ts'

const [bob, carol] = [peerOf('bob'), peerOf('carol')]

/** What the kinds do is not in question here, which of them is asked is. */
class FakeLinker implements Linker, RelayedLinker {
  constructor(
    readonly kind: string,
    readonly connectionCount: number,
    private readonly asked: string[],
  ) {}

  open({ userId }: Peer): void {
    this.note(`open ${userId}`)
  }

  receive({ userId }: Peer, signal: string): void {
    this.note(`${signal} of ${userId}`)
  }

  undeliverable(to: SessionId): void {
    this.note(`undeliverable ${to.slice(0, 2)}`)
  }

  abandon(sessionId: SessionId): void {
    this.note(`abandon ${sessionId.slice(0, 2)}`)
  }

  abandonAll(): void {
    this.note('abandon all')
  }

  relayed({ userId }: Peer): void {
    this.note(`message about relaying of ${userId}`)
  }

  nearer({ userId }: Peer): void {
    this.note(`${userId} is near`)
  }

  farther({ userId }: Peer): void {
    this.note(`${userId} is far`)
  }

  close(): void {
    this.note('close')
  }

  private note(words: string): void {
    this.asked.push(`${this.kind}: ${words}`)
  }
}

/** Bob is in another tab, carol is not. */
function setup() {
  const clock = new ManualClock()
  const asked: string[] = []
  const opened: Link[] = []
  const failed: string[] = []
  const closed: string[] = []
  const made: { direct?: LinkerEvents; tabs?: LinkerEvents; relayed?: RelayLinkerEvents } = {}
  const nothing = (): undefined => undefined
  const linkers = new Linkers(
    { clock, isTab: (sessionId) => sessionId === bob.sessionId },
    {
      direct: (events) => {
        made.direct = events
        return new FakeLinker('direct', 3, asked)
      },
      tabs: (events) => {
        made.tabs = events
        return new FakeLinker('tabs', 50, asked)
      },
      relayed: (events) => {
        made.relayed = events
        return new FakeLinker('relayed', 0, asked)
      },
    },
    {
      opened: (link) => opened.push(link),
      failed: ({ userId }, sentence) => failed.push(`${userId}: ${sentence}`),
      admit: () => true,
      exhausted: nothing,
      missed: nothing,
      isWanted: () => true,
      packet: nothing,
      beat: nothing,
      drained: nothing,
      doubtful: nothing,
      closed: ({ peer }) => {
        closed.push(peer.userId)
        world.onClosed(peer)
      },
      broken: nothing,
    },
  )
  const world = {
    clock,
    linkers,
    asked,
    opened,
    failed,
    closed,
    get events() {
      const { direct, tabs, relayed } = made
      if (!direct || !tabs || !relayed) throw new Error('One kind was not made')
      return { direct, tabs, relayed }
    },
    /** What was asked since the last look. */
    news: () => asked.splice(0),
    onClosed: (peer: Peer): void => void peer,
    relay: (epoch: number, closes: string[] = []) =>
      ({ peer: carol, epoch, path: 'relay', close: () => closes.push('closed') }) as unknown as RelayLink,
    /** Carol, over a relay, as her own link is not possible. */
    overRelay() {
      linkers.open(carol, false)
      world.events.direct.failed(carol, 'No path')
      const link = world.relay(1)
      world.events.relayed.opened(link)
      asked.length = opened.length = 0
      return link
    },
  }
  onTestFinished(() => {
    linkers.close()
    expect(clock.pending).toBe(0)
  })
  return world
}

describe('Links of all kinds', () => {
  test('are opened without a network to tabs of this origin, over one to all others', () => {
    const { linkers, asked } = setup()
    for (const peer of [bob, carol]) {
      linkers.open(peer, false)
      linkers.undeliverable(peer.sessionId)
    }
    expect(asked).toEqual([
      'tabs: open bob',
      'tabs: undeliverable 62',
      'direct: open carol',
      'direct: undeliverable 63',
    ])
  })

  test('take their signals from their own rendezvous only, whoever sent them', () => {
    const { linkers, asked } = setup()
    for (const peer of [bob, carol]) {
      linkers.receive(peer, 'tab-offer', 'tabs')
      linkers.receive(peer, 'offer', 'server')
    }
    expect(asked).toEqual([
      'tabs: tab-offer of bob',
      'direct: offer of bob',
      'tabs: tab-offer of carol',
      'direct: offer of carol',
    ])
  })

  test('are one to each session: the attempt that is late is given up', () => {
    for (const kind of ['direct', 'tabs'] as const) {
      const { opened, asked, events } = setup()
      const link = { peer: bob, epoch: 1 } as Link
      events[kind].opened(link)
      expect(asked).toEqual(['direct: abandon 62', 'tabs: abandon 62', 'relayed: abandon 62'])
      expect(opened).toEqual([link])
    }
  })

  test('are given up together when the page is put away', () => {
    const { linkers, asked } = setup()
    linkers.abandonAll()
    expect(asked).toEqual(['direct: abandon all', 'tabs: abandon all', 'relayed: abandon all'])
  })

  test('count where the browser counts, and are closed together', () => {
    const { linkers, asked } = setup()
    expect(linkers.connectionCount).toBe(3)
    linkers.close()
    expect(asked).toEqual(['direct: close', 'tabs: close', 'relayed: close'])
  })
})

describe('A peer that cannot be linked to directly', () => {
  test('is reached over a relay as soon as that is known', () => {
    const { linkers, events, news, opened, failed, relay } = setup()
    linkers.open(carol, false)
    expect(news()).toEqual(['direct: open carol'])
    events.direct.failed(carol, 'No path')
    expect(news()).toEqual(['relayed: open carol'])
    const link = relay(1)
    events.relayed.opened(link)
    expect(opened).toEqual([link])
    expect(failed).toEqual([])
    expect(events.relayed.whyNotDirect(carol.sessionId)).toBe('No path')
  })

  test('is looked for at relays after 3 s, while the attempt goes on', () => {
    const { clock, linkers, events, news, opened, failed, relay } = setup()
    linkers.open(carol, false)
    clock.advance(2_999)
    expect(news()).toEqual(['direct: open carol'])
    clock.advance(1)
    expect(news()).toEqual(['relayed: open carol'])
    events.relayed.opened(relay(1))
    events.direct.failed(carol, 'No path')
    expect([opened.length, failed]).toEqual([1, []])
  })

  test('is looked for at relays 1 s after its own link was lost, and every 2 s while there is none', () => {
    const { clock, linkers, events, news, opened, relay } = setup()
    linkers.farther(carol)
    linkers.open(carol, false)
    news()
    for (const waitMs of [1_000, 2_000, 2_000]) {
      clock.advance(waitMs - 1)
      expect(news()).toEqual([])
      clock.advance(1)
      expect(news()).toEqual(['relayed: open carol'])
      events.relayed.failed(carol, 'Nobody can pass on')
    }
    const link = relay(1)
    events.relayed.opened(link)
    expect(opened).toEqual([link])
  })

  test('is given up when both have failed, with a sentence for each, whichever fails first', () => {
    for (const order of ['direct', 'relayed'] as const) {
      const { clock, linkers, events, failed, news } = setup()
      linkers.open(carol, false)
      clock.advance(3_000)
      if (order === 'direct') events.direct.failed(carol, 'No path')
      events.relayed.failed(carol, 'Nobody can pass on')
      expect(failed).toHaveLength(order === 'direct' ? 1 : 0)
      if (order === 'relayed') events.direct.failed(carol, 'No path')
      expect(failed).toEqual(['carol: No path. Nobody can pass on'])
      news()
      linkers.open(carol, false)
      expect(news()).toEqual(['direct: open carol'])
    }
  })

  test('is tried directly again after 15 s, 30 s, 60 s and then every 2 minutes, and nobody hears of failures', () => {
    const world = setup()
    const { clock, events, news, failed } = world
    world.overRelay()
    for (const seconds of [15, 30, 60, 120, 120]) {
      clock.advance(seconds * 1_000 - 1)
      expect(news()).toEqual([])
      clock.advance(1)
      expect(news()).toEqual(['direct: open carol'])
      events.direct.failed(carol, 'Still no path')
    }
    expect(failed).toEqual([])
    expect(events.relayed.whyNotDirect(carol.sessionId)).toBe('Still no path')
  })

  test('is tried at once when the page wakes, but not again and again', () => {
    const world = setup()
    const { clock, events, news } = world
    const link = world.overRelay()
    clock.advance(10_000)
    events.relayed.probed(link)
    expect(news()).toEqual(['direct: open carol'])
    events.direct.failed(carol, 'No path')
    clock.advance(9_999)
    events.relayed.probed(link)
    expect(news()).toEqual([])
  })

  test('goes over to its own link when there is one, and needs no relay any more', () => {
    const world = setup()
    const { clock, events, opened, asked, news } = world
    const link = world.overRelay()
    clock.advance(15_000)
    const direct = { peer: carol, epoch: 2, path: 'direct' } as Link
    events.direct.opened(direct)
    expect(opened).toEqual([direct])
    expect(asked).toContain('relayed: abandon 63')
    events.relayed.over(link, false)
    news()
    clock.advance(600_000)
    expect(news()).toEqual([])
  })

  test('is looked for at another relay at once when the present one is lost', () => {
    const world = setup()
    const { clock, events, news, closed, linkers, relay } = world
    world.onClosed = (peer) => linkers.open(peer, false)
    const link = world.overRelay()
    clock.advance(1_000)
    events.relayed.over(link, true)
    events.relayed.closed(link, 'It is gone')
    expect(closed).toEqual(['carol'])
    expect(news()).toEqual(['relayed: open carol'])

    // The other side has ended it as soon as it was there.
    const next = relay(2)
    events.relayed.opened(next)
    events.relayed.over(next, true)
    events.relayed.closed(next, 'It is gone')
    clock.advance(999)
    expect(news()).toEqual([])
    clock.advance(1)
    expect(news()).toEqual(['relayed: open carol'])
  })

  test('is left alone when the link is lost and nobody needs another', () => {
    const world = setup()
    const { clock, events, news, linkers } = world
    const link = world.overRelay()
    events.relayed.over(link, true)
    events.relayed.closed(link, 'It is gone')
    clock.advance(600_000)
    expect(news()).toEqual([])
    linkers.open(carol, false)
    expect(news()).toEqual(['direct: open carol'])
  })

  test('that opens a relayed link just when the direct one has opened keeps the direct one', () => {
    const { clock, events, opened, relay } = setup()
    const direct = { peer: carol, epoch: 1, path: 'direct' } as Link
    events.direct.opened(direct)
    clock.advance(2_999)
    const closes: string[] = []
    events.relayed.opened(relay(1, closes))
    expect(opened).toEqual([direct])
    expect(closes).toEqual(['closed'])
    clock.advance(1)
    events.relayed.opened(relay(2, closes))
    expect(opened).toHaveLength(2)
    expect(closes).toHaveLength(1)
  })

  test('is linked over a relay although its own link was there a moment ago, if that is lost', () => {
    const { clock, linkers, events, opened, relay } = setup()
    events.direct.opened({ peer: carol, epoch: 1, path: 'direct' } as Link)
    clock.advance(100)
    linkers.farther(carol)
    linkers.open(carol, false)
    events.direct.failed(carol, 'No path')
    const closes: string[] = []
    const link = relay(1, closes)
    events.relayed.opened(link)
    expect(opened.at(-1)).toBe(link)
    expect(closes).toEqual([])
  })

  test('is no business of this page any more when it is abandoned', () => {
    const { clock, linkers, news } = setup()
    linkers.open(carol, false)
    linkers.abandon(carol.sessionId)
    news()
    clock.advance(600_000)
    expect(news()).toEqual([])
  })
})
