import { type Bytes, equalBytes, utf8 } from '../../src/base/bytes.ts'
import { HIGH_WATER_BYTES } from '../../src/mesh/link.ts'
import type { Linker, LinkerEvents } from '../../src/mesh/linker.ts'
import type { SideChannel } from '../../src/mesh/side-channel.ts'
import { FIRST_CHANNEL, LAST_SURE_CHANNEL } from '../../src/protocol/frames.ts'
import type { Peer } from '../../src/protocol/peer.ts'
import { type ChannelEar, LinkSide } from './link-side.ts'

/** Two sessions in one place that can be linked. */
export interface LinkKind {
  /** The first has the lower session id. */
  readonly peers: readonly [Peer, Peer]
  /** What makes the links of one of them; signals reach the other. */
  linker(self: Peer, events: LinkerEvents): Linker
  /** Lets things go on, where they do not by themselves. */
  pass?(): Promise<void>
}

interface Opened {
  readonly label: string
  readonly channel: SideChannel
  readonly ear: ChannelEar
}

/** Larger than what any kind of link takes at once. */
const MANY_BYTES = 1024 * 1024
const PACKET_BYTES = 48 * 1024

/** Two sides of one pair, for one test. */
class Pair {
  readonly lower: LinkSide
  readonly higher: LinkSide
  private readonly waiting = new Set<() => void>()

  constructor(private readonly kind: LinkKind) {
    const [lower, higher] = kind.peers
    const wake = (): void => this.wake()
    this.lower = new LinkSide(lower, higher, (events) => kind.linker(lower, events), wake)
    this.higher = new LinkSide(higher, lower, (events) => kind.linker(higher, events), wake)
  }

  get sides(): readonly [LinkSide, LinkSide] {
    return [this.lower, this.higher]
  }

  /** Resolves when both have as many links, after `opener` has opened one. */
  async open(opener: LinkSide = this.lower): Promise<void> {
    const count = opener.links.length + 1
    opener.linker.open(opener.peer, false)
    await this.until(() => this.sides.every(({ links }) => links.length >= count))
  }

  /** Open, with the handshake of side channels on it. The higher id accepts them all. */
  async withChannels() {
    await this.open()
    const accepted = acceptAll(this.higher)
    const channels = { lower: this.lower.useChannels(), higher: this.higher.useChannels() }
    return {
      channels,
      accepted,
      open: async (label: string): Promise<{ mine: Opened; theirs: Opened }> => {
        const ear = this.lower.ear()
        const channel = must(channels.lower.open(utf8(label), ear))
        await this.until(() => ear.heard.includes('opened'))
        return { mine: { label, channel, ear }, theirs: must(accepted.at(-1)) }
      },
    }
  }

  /** Whatever was on its way has arrived, also on a link that is closed: the next link was opened and carries. */
  async settle(): Promise<void> {
    await this.open()
    for (const [from, to] of [this.sides, [this.higher, this.lower] as const]) {
      const count = to.packets.length + 1
      from.link.send(utf8('all is said'))
      await this.until(() => to.packets.length >= count)
    }
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.kind.pass) await this.kind.pass()
      else await new Promise<void>((resolve) => this.waiting.add(resolve))
    }
  }

  close(): void {
    for (const { links } of this.sides) for (const link of links) link.close()
    for (const { linker } of this.sides) linker.close()
  }

  private wake(): void {
    const waiting = [...this.waiting]
    this.waiting.clear()
    for (const resolve of waiting) resolve()
  }
}

/** What a link of every kind does. */
const contract: Readonly<Record<string, (pair: Pair) => Promise<void>>> = {
  'opens at both ends with one epoch, when the lower id begins': async (pair) => {
    const { lower, higher } = pair
    await pair.open(lower)
    equal(lower.heard, ['1 opened'])
    equal(higher.heard, ['1 opened'])
    equal(lower.link.peer, higher.self)
    equal(higher.link.peer, lower.self)
    equal(lower.link.path, higher.link.path)
  },

  'opens at both ends with one epoch, when the higher id begins': async (pair) => {
    await pair.open(pair.higher)
    for (const { heard } of pair.sides) equal(heard, ['1 opened'])
  },

  'opens once when both begin': async (pair) => {
    for (const { linker, peer } of pair.sides) linker.open(peer, true)
    await pair.until(() => pair.sides.every(({ links }) => links.length > 0))
    await pair.settle()
    for (const { links } of pair.sides) equal(links.length, 2)
  },

  'carries packets whole and in order, both ways': async (pair) => {
    await pair.open()
    const sizes = [1, 2, 1_000, 50_000, 3, 20_000, 1, 65_000]
    for (const side of pair.sides) for (const [i, size] of sizes.entries()) side.link.send(pattern(size, i))
    // A part of a larger buffer, which is written over when it was sent.
    const buffer = pattern(1_000, 9)
    pair.lower.link.send(buffer.subarray(100, 110))
    buffer.fill(0)
    await pair.until(() => pair.lower.packets.length >= 8 && pair.higher.packets.length >= 9)
    for (const { packets } of pair.sides)
      for (const [i, size] of sizes.entries()) sameBytes(packets[i], pattern(size, i))
    sameBytes(pair.higher.packets[8], pattern(1_000, 9).subarray(100, 110))
  },

  'says how much it has not sent yet, and when that is little': async (pair) => {
    await pair.open()
    const { lower, higher } = pair
    const peak = await pour(
      pair,
      lower.link,
      (drained) => (lower.onDrained = drained),
      () => higher.packets,
    )
    equal(lower.heard.includes('1 drained'), peak > HIGH_WATER_BYTES)
  },

  'brings a sign of life to the other side': async (pair) => {
    await pair.open()
    const { lower, higher } = pair
    let sent = 0
    // One may get lost.
    for (; lower.beatCount === 0; sent++) {
      higher.link.beat()
      const count = lower.packets.length
      higher.link.send(utf8('by now it is there'))
      await pair.until(() => lower.packets.length > count)
    }
    await pair.settle()
    // A link may answer a beat, but not an answer.
    for (const { beatCount } of pair.sides) equal(beatCount <= sent, true)
  },

  'carries side channels, which each side may open': async (pair) => {
    const { channels, accepted } = await pair.withChannels()
    const offeredToLower = acceptAll(pair.lower)
    const [fromLower, fromHigher] = [pair.lower.ear(), pair.higher.ear()]
    const first = must(channels.lower.open(utf8('first'), fromLower))
    const second = must(channels.higher.open(utf8('second'), fromHigher))
    await pair.until(() => [fromLower, fromHigher].every(({ heard }) => heard.includes('opened')))
    equal(labels(accepted), ['first'])
    equal(labels(offeredToLower), ['second'])
    for (const word of ['one', 'two', 'three']) {
      first.send(utf8(word))
      must(accepted[0]).channel.send(utf8(word.toUpperCase()))
      second.send(utf8(`${word}!`))
    }
    await pair.until(() => fromLower.heard.length === 4 && lastHeard(offeredToLower[0]) === 'three!')
    await pair.until(() => lastHeard(accepted[0]) === 'three')
    equal(fromLower.heard, ['opened', 'ONE', 'TWO', 'THREE'])
    equal(offeredToLower[0]?.ear.heard, ['one!', 'two!', 'three!'])
    equal(accepted[0]?.ear.heard, ['one', 'two', 'three'])
    equal(fromHigher.heard, ['opened'])
  },

  'loses nothing that is sent right after accepting, or right after that was heard': async (pair) => {
    const { channels } = await pair.withChannels()
    const [opener, acceptor] = [pair.lower.ear(), pair.higher.ear()]
    pair.higher.offered = ({ accept }) => {
      const channel = accept(acceptor)
      for (let i = 0; i < 20; i++) channel.send(utf8(`${i}`))
    }
    const opened = must(channels.lower.open(utf8('race'), opener))
    opener.onOpened = () => opened.send(utf8('hello'))
    await pair.until(() => opener.heard.length === 21 && acceptor.heard.length === 1)
    equal(opener.heard, ['opened', ...Array.from({ length: 20 }, (_, i) => `${i}`)])
    equal(acceptor.heard, ['hello'])
  },

  'lets a side channel be refused, and refuses one that nobody answers': async (pair) => {
    const { channels } = await pair.withChannels()
    const [refused, ignored] = [pair.lower.ear(), pair.lower.ear()]
    pair.higher.offered = ({ refuse }) => refuse(utf8('no such thing'))
    channels.lower.open(utf8('one'), refused)
    await pair.until(() => refused.heard.length > 0)
    pair.higher.offered = () => undefined
    channels.lower.open(utf8('two'), ignored)
    await pair.until(() => ignored.heard.length > 0)
    equal([refused.heard, ignored.heard], [['refused: no such thing'], ['refused: ']])
  },

  'has a buffer of its own for each side channel': async (pair) => {
    const { open } = await pair.withChannels()
    const [full, free] = [await open('full'), await open('free')]
    const { channel, ear } = full.mine
    const poured = pour(
      pair,
      channel,
      (drained) => (ear.onDrained = drained),
      () => full.theirs.ear.messages,
    )
    for (const other of [pair.lower.link, free.mine.channel]) equal(other.bufferedBytes < 1_000, true)
    free.mine.channel.send(utf8('not stopped'))
    const peak = await poured
    await pair.until(() => free.theirs.ear.heard.length > 0)
    equal(ear.heard.includes('drained'), peak > HIGH_WATER_BYTES)
    equal(free.mine.ear.heard, ['opened'])
  },

  'has side channels of all numbers that are used, the last one too': async (pair) => {
    await pair.open()
    const numbers = [FIRST_CHANNEL, 11, 127, 128, LAST_SURE_CHANNEL - 1, LAST_SURE_CHANNEL]
    const ears = numbers.map(() => pair.sides.map((side) => side.ear()))
    const ends = numbers.map((number, i) =>
      pair.sides.map(({ link }, side) => link.openChannel(number, must(ears[i]?.[side]))),
    )
    for (const [i, both] of ends.entries()) for (const end of both) end.send(utf8(`${numbers[i]}`))
    await pair.until(() => ears.flat().every(({ heard }) => heard.length > 0))
    for (const [i, both] of ears.entries()) for (const { heard } of both) equal(heard, [`${numbers[i]}`])
  },

  'tells the other side that a side channel is closed, behind what was sent on it': async (pair) => {
    const { open } = await pair.withChannels()
    for (const closer of ['mine', 'theirs'] as const) {
      const ends = await open(closer)
      const other = closer === 'mine' ? ends.theirs : ends.mine
      const before = { closer: ends[closer].ear.heard.length, other: other.ear.heard.length }
      ends[closer].channel.send(utf8('last words'))
      ends[closer].channel.close()
      ends[closer].channel.close()
      other.channel.send(utf8('too late'))
      await pair.until(() => other.ear.heard.includes('closed'))
      other.channel.send(utf8('far too late'))
      equal(other.ear.heard.slice(before.other), ['last words', 'closed'])
      // The link is as it was, and what was too late would have come before this.
      await open('another')
      equal(ends[closer].ear.heard.length, before.closer)
      equal(other.ear.heard.slice(before.other), ['last words', 'closed'])
    }
    for (const { heard } of pair.sides) equal(heard, ['1 opened'])
  },

  'closes a side channel at the other side that was given up before that had it': async (pair) => {
    const { channels, accepted } = await pair.withChannels()
    const ear = pair.lower.ear()
    must(channels.lower.open(utf8('never mind'), ear)).close()
    await pair.until(() => lastHeard(accepted[0]) === 'closed')
    equal(ear.heard, [])
  },

  'closes its side channels with it, each once, and is closed at the other side': async (pair) => {
    const { open } = await pair.withChannels()
    const [one, two] = [await open('one'), await open('two')]
    pair.higher.link.close()
    pair.higher.link.close()
    await pair.until(() => pair.lower.heard.includes('1 closed'))
    await pair.settle()
    for (const { theirs } of [one, two]) equal(theirs.ear.heard, ['closed'])
    for (const { mine } of [one, two]) equal(mine.ear.heard, ['opened', 'closed'])
    equal(pair.lower.heard, ['1 opened', '1 closed', '2 opened'])
    equal(pair.higher.heard, ['1 opened', '2 opened'])
  },

  'is heard no more when it is closed': async (pair) => {
    const { open } = await pair.withChannels()
    const { mine, theirs } = await open('one')
    const { link } = pair.lower
    const before = pair.sides.map((side) => side.packets.length)
    for (let i = 0; i < 50; i++) {
      pair.higher.link.send(pattern(10_000, i))
      theirs.channel.send(utf8('do you hear me?'))
      pair.higher.link.beat()
    }
    link.close()
    link.send(utf8('anybody?'))
    link.beat()
    mine.channel.send(utf8('anybody?'))
    await pair.until(() => pair.higher.heard.includes('1 closed'))
    await pair.settle()
    equal(pair.lower.heard, ['1 opened', '2 opened'])
    equal(mine.ear.heard, ['opened', 'closed'])
    for (const { beatCount } of pair.sides) equal(beatCount, 0)
    // What settled it.
    equal(
      pair.sides.map((side) => side.packets.length - 1),
      before,
    )
  },

  'is replaced by one of a later epoch, and may be closed then': async (pair) => {
    await pair.open()
    const old = pair.sides.map(({ link }) => link)
    await pair.open(pair.higher)
    for (const link of old) link.close()
    for (const { heard } of pair.sides) equal(heard.slice(0, 2), ['1 opened', '2 opened'])
    for (const side of pair.sides) side.link.send(utf8('on the new one'))
    await pair.until(() => pair.sides.every(({ packets }) => packets.length === 1))
    await pair.settle()
    for (const { links } of pair.sides)
      equal(
        links.map(({ epoch }) => epoch),
        [1, 2, 3],
      )
  },
}

export const linkContract: readonly string[] = Object.keys(contract)

/** Throws if links of this kind do not do what this part of the contract says. */
export async function checkLinks(kind: LinkKind, title: string): Promise<void> {
  const pair = new Pair(kind)
  await contract[title]?.(pair)
  pair.close()
}

/** Sends many bytes as fast as they are taken; the largest number of bytes that waited. Resolves when all arrived. */
async function pour(
  pair: Pair,
  to: { readonly bufferedBytes: number; send(bytes: Bytes): void },
  onDrained: (go: () => void) => void,
  arrived: () => readonly Uint8Array[],
): Promise<number> {
  const count = Math.ceil(MANY_BYTES / PACKET_BYTES)
  let sent = 0
  let peak = 0
  const fill = (): void => {
    while (sent < count && to.bufferedBytes <= HIGH_WATER_BYTES) {
      to.send(pattern(PACKET_BYTES, sent++))
      peak = Math.max(peak, to.bufferedBytes)
    }
  }
  onDrained(fill)
  fill()
  await pair.until(() => arrived().length >= count)
  for (const [i, bytes] of arrived().entries()) sameBytes(bytes, pattern(PACKET_BYTES, i))
  equal(peak <= HIGH_WATER_BYTES + PACKET_BYTES, true)
  return peak
}

function acceptAll(side: LinkSide): Opened[] {
  const accepted: Opened[] = []
  side.offered = ({ label, accept }) => {
    const ear = side.ear()
    accepted.push({ label: new TextDecoder().decode(label), ear, channel: accept(ear) })
  }
  return accepted
}

function labels(opened: readonly Opened[]): string[] {
  return opened.map(({ label }) => label)
}

function lastHeard(opened: Opened | undefined): string | undefined {
  return opened?.ear.heard.at(-1)
}

/** Bytes that tell where they stand and of which packet they are. */
function pattern(byteCount: number, seed: number): Bytes {
  return new Uint8Array(byteCount).map((_, i) => (i * 31 + (i >> 8) + seed * 101) & 255)
}

function sameBytes(actual: Uint8Array | undefined, expected: Uint8Array): void {
  const isSame = actual !== undefined && equalBytes(actual, expected)
  if (!isSame)
    throw new Error(`${actual?.byteLength} bytes arrived that are not the ${expected.byteLength} sent`)
}

function equal(actual: unknown, expected: unknown): void {
  const [is, shouldBe] = [JSON.stringify(actual), JSON.stringify(expected)]
  if (is !== shouldBe) throw new Error(`It is ${is}, and should be ${shouldBe}`)
}

function must<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('It should be there')
  return value
}
