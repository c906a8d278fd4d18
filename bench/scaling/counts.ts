import type { ChannelId } from '../../src/base/ids.ts'
import { Crowd, type Traffic } from './crowd.ts'

/** What a channel of so many members costs, counted. A second is one of moved time. */
export interface Counts {
  readonly members: number
  /** The fewest and the most that a member has. */
  readonly links: readonly [fewest: number, most: number]
  readonly linksOfAll: number
  /** When the last one joins: what the server sends to all of them, and signals, two for each link at least. */
  readonly join: { readonly rosters: number; readonly joined: number; readonly newLinks: number }
  readonly idle: Idle
  /** The same people in a second channel. */
  readonly second: { readonly newLinks: number; readonly linkAttempts: number; readonly idle: Idle }
  /** One text of 100 bytes of the member that came last. */
  readonly message: {
    readonly packets: number
    readonly items: number
    readonly bytes: number
    readonly acknowledgements: number
    readonly acknowledgementBytes: number
    readonly receivers: number
    /** Opened for it. */
    readonly newLinks: number
  }
  /** One attribute of the channel gets a value of 10 bytes; undefined where it was not tried. */
  readonly write: Write | undefined
}

/** In a second. */
export interface Idle {
  readonly beats: number
  readonly packets: number
  readonly serverMessages: number
  /** Timers that all members set; what is under way on links in memory is not counted. */
  readonly timers: number
  readonly linkAttempts: number
}

export interface Write {
  /** Messages of the document itself, which y-webrtc sends on to everybody, and their bytes. */
  readonly documentMessages: number
  readonly documentBytes: number
  /** Packets beside them: that it was written, that it is held, digests, and the acknowledgements of these. */
  readonly packets: number
  readonly bytes: number
}

const FIRST = 'first' as ChannelId
const TEXT = 'x'.repeat(100)
/** In which one beat more or less at the ends does not show. */
const IDLE_SECONDS = 10
/** Until nobody has anything to say of what has happened: digests follow changes after 0.3 s, and once more. */
const QUIET_MS = 5_000
/** Until links that were opened for something are closed again, when they have carried nothing for 60 s. */
const LINKS_CLOSE_MS = 62_000

export async function countsOf(members: number, writes = true): Promise<Counts> {
  const crowd = new Crowd()
  await crowd.fill(members - 1, FIRST)
  const linksBefore = sum(crowd.linkCounts) / 2
  const join = await crowd.during(async () => {
    await crowd.come(FIRST)
    await crowd.pass(QUIET_MS)
  })
  const { linkCounts } = crowd
  const linksOfAll = sum(linkCounts) / 2
  const idle = await idleOf(crowd)
  const write = writes ? await writeIn(crowd) : undefined
  await crowd.pass(LINKS_CLOSE_MS)
  const second = await crowd.during(() => crowd.joinAll('second'))
  await crowd.pass(QUIET_MS)
  const newLinks = sum(crowd.linkCounts) / 2 - linksOfAll
  const idleInTwo = await idleOf(crowd)
  const message = await messageIn(crowd)
  await crowd.disperse()
  return {
    members,
    links: [linkCounts[0] ?? 0, linkCounts.at(-1) ?? 0],
    linksOfAll,
    join: { rosters: join.rosters, joined: join.joined, newLinks: linksOfAll - linksBefore },
    idle,
    second: { newLinks, linkAttempts: second.linkAttempts, idle: idleInTwo },
    message,
    write,
  }
}

/** A channel in which some have reached the most links that a page may have. */
export interface Overfull {
  readonly members: number
  readonly mostLinks: number
  /** Of all, in a second in which nobody does anything. */
  readonly linkAttempts: number
}

export async function overfullOf(members: number): Promise<Overfull> {
  const crowd = new Crowd()
  // Time goes on only for this: each second of it has thousands of attempts.
  while (crowd.pages.length < members) await crowd.come(FIRST)
  const { linkAttempts } = await crowd.during(() => crowd.pass(1_000))
  return { members, mostLinks: crowd.linkCounts.at(-1) ?? 0, linkAttempts }
}

async function idleOf(crowd: Crowd): Promise<Idle> {
  const traffic = await crowd.during(() => crowd.pass(IDLE_SECONDS * 1_000))
  const { all, beats, documentMessages, toServer, fromServer, timers, linkAttempts } = traffic
  return {
    beats: beats / IDLE_SECONDS,
    packets: (all.packets + documentMessages) / IDLE_SECONDS,
    serverMessages: (toServer + fromServer) / IDLE_SECONDS,
    // Each beat and each packet is a timer of the network.
    timers: (timers - beats - all.packets - documentMessages) / IDLE_SECONDS,
    linkAttempts: linkAttempts / IDLE_SECONDS,
  }
}

async function messageIn(crowd: Crowd): Promise<Counts['message']> {
  const publisher = crowd.pages.at(-1)
  if (!publisher) throw new Error('Nobody is there')
  const linksBefore = sum(crowd.linkCounts)
  // Twice: the first one opens links that are not there yet, whose greetings are not what a message costs.
  publisher.sendToChannel('a first one', FIRST)
  await crowd.pass(1_000)
  const newLinks = (sum(crowd.linkCounts) - linksBefore) / 2
  const traffic: Traffic = await crowd.during(async () => {
    publisher.sendToChannel(TEXT, FIRST)
    await crowd.pass(500)
  })
  const own = traffic.sentBy(publisher)
  return {
    packets: own.packets,
    items: own.items,
    bytes: own.bytes,
    acknowledgements: traffic.all.acknowledgements,
    acknowledgementBytes: traffic.all.bytes - own.bytes,
    receivers: crowd.receiversOf(TEXT),
    newLinks,
  }
}

/** The second of two writes: with the first one everybody gets the document. */
async function writeIn(crowd: Crowd): Promise<Write> {
  const write = (value: string): Promise<void> => {
    const change = { kind: 'update', attributes: [{ key: 'key', value }] } as const
    crowd.pages[0]?.engine.writeChannelAttributes(FIRST, change, true, (outcome) => {
      if (outcome !== 'ok') throw new Error(`The write failed: ${outcome}`)
    })
    return crowd.pass(QUIET_MS)
  }
  await write('0123456789')
  const { documentMessages, documentBytes, all } = await crowd.during(() => write('9876543210'))
  return { documentMessages, documentBytes, packets: all.packets, bytes: all.bytes }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
