import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'

import { type Counts, countsOf } from '../../bench/scaling/counts.ts'
import { Crowd } from '../../bench/scaling/crowd.ts'
import { costOf, HELD_LINKS, heldLinksOf } from '../../bench/scaling/model.mjs'
import { countsRow, countsTable, line, modelTable } from '../../bench/scaling/tables.mjs'

const page = readFileSync(join(import.meta.dirname, '../../docs/SCALING.md'), 'utf8')

describe.each([2, 5, 10])('A channel of %i members', (members) => {
  const others = members - 1
  let counts: Counts

  beforeAll(async () => {
    counts = await countsOf(members)
  })

  test('costs each of them one link to each other', () => {
    expect(counts.links).toEqual([others, others])
    expect(counts.linksOfAll).toBe((members * others) / 2)
  })

  test('tells the one who joins of all, and all of it, once each', () => {
    expect(counts.join).toEqual({ rosters: 1, joined: others, newLinks: others })
  })

  test('sends one beat a second each way of each link while nobody says anything, and nothing else', () => {
    const { timers, ...sent } = counts.idle
    expect(sent).toEqual({ beats: members * others, packets: 0, serverMessages: 0, linkAttempts: 0 })
    expect(timers, 'pulses of each session, however many links it has').toBe(4 * members)
  })

  test('costs the same once more only for the server, where the same people are in a second one', () => {
    expect(counts.second).toEqual({ newLinks: 0, linkAttempts: 0, idle: counts.idle })
  })

  test('sends a message once to each other, each of whom acknowledges it once', () => {
    const { packets, items, bytes, acknowledgements, receivers } = counts.message
    expect({ packets, items, acknowledgements, receivers }).toEqual({
      packets: others,
      items: others,
      acknowledgements: others,
      receivers: others,
    })
    expect(bytes / others, 'a text of 100 bytes').toBeLessThanOrEqual(125)
  })

  test('sends a change of its attributes once each way of each link', () => {
    expect(counts.write?.documentMessages).toBe(members * others)
  })

  test('stands in docs/SCALING.md as it is counted', () => {
    expect(page).toContain(line(countsRow(counts)))
  })
})

describe('A larger channel', () => {
  test('keeps 24 links for everybody who comes, to members that each chooses at random: nobody has links to all', async () => {
    const crowd = new Crowd()
    await crowd.fill(60, 'first')
    const { linkCounts } = crowd
    expect(linkCounts[0]).toBeGreaterThanOrEqual(HELD_LINKS)
    expect(linkCounts.at(-1)).toBeLessThan(55)
    expect(linkCounts.reduce((sum, links) => sum + links, 0) / 2).toBe(heldLinksOf(60))
    const { linkAttempts } = await crowd.during(() => crowd.pass(10_000))
    expect(linkAttempts).toBe(0)
    await crowd.disperse()
  })

  test('opens hardly any link where the same people are in a second one', async () => {
    const crowd = new Crowd()
    await crowd.fill(40, 'first')
    const { linkAttempts } = await crowd.during(() => crowd.joinAll('second'))
    // Not none: who comes into an empty one knows only whom it is told of.
    expect(linkAttempts).toBeLessThan(5)
    await crowd.disperse()
  })

  test('is asked for its attributes over the links that there are: reads open none', async () => {
    const crowd = new Crowd()
    await crowd.fill(40, 'first')
    const reads: unknown[] = []
    const { linkAttempts } = await crowd.during(async () => {
      for (let i = 0; i < 3; i++) {
        crowd.pages.at(-1)?.engine.readChannelAttributes('first', undefined, (read) => reads.push(read))
        await crowd.pass(3_000)
      }
    })
    expect(reads).toEqual([[], [], []])
    expect(linkAttempts).toBe(0)
    await crowd.disperse()
  })

  test('gets a message of somebody who came late all the same, over links that are opened for it and closed later', async () => {
    const crowd = new Crowd()
    await crowd.fill(30, 'first')
    const publisher = crowd.pages.at(-1)
    const linksOfAll = (): number => crowd.linkCounts.reduce((sum, links) => sum + links, 0) / 2
    publisher?.sendToChannel('hello', 'first')
    await crowd.pass(1_000)
    expect(crowd.receiversOf('hello')).toBe(29)
    expect(linksOfAll()).toBe(heldLinksOf(30) + 29 - HELD_LINKS)
    await crowd.pass(62_000)
    expect(linksOfAll()).toBe(heldLinksOf(30))
    await crowd.disperse()
  })
})

describe('The model', () => {
  test('says what one costs who publishes fifty times a second', async () => {
    const crowd = new Crowd()
    await crowd.fill(10, 'first')
    const [publisher] = crowd.pages
    if (!publisher) throw new Error('Nobody is there')
    const traffic = await crowd.during(async () => {
      for (let i = 0; i < 100; i++) {
        publisher.sendToChannel('x'.repeat(100), 'first')
        await crowd.pass(20)
      }
    })
    const counted = await countsOf(2)
    const { packets, uploadKbit } = costOf(10, counted)
    const sent = traffic.sentBy(publisher)
    expect(sent.packets / 2).toBe(packets[2])
    expect(traffic.all.acknowledgements).toBe(sent.packets)
    // What is computed of the heads is the rest.
    const kbit = ((sent.bytes / 2) * 8) / 1_000
    expect(kbit).toBeLessThan(uploadKbit[2] ?? 0)
    expect(kbit).toBeGreaterThan((uploadKbit[2] ?? 0) / 2)
    await crowd.disperse()
  })

  test('stands in docs/SCALING.md, under the headings of the program', async () => {
    const counted = await countsOf(2)
    expect(page).toContain(modelTable(counted))
    expect(page).toContain(countsTable([]))
  })
})
