import type { Page } from 'playwright/test'

import type { Heard, Sent } from '../page/traffic.ts'
import { expect } from './world.ts'

const STILL_ON_ITS_WAY_MS = 20_000

/** What a receiver was told of a sender; the gap is the longest between two messages. */
export interface Pair {
  readonly pair: string
  readonly count: number
  readonly longestGapMs: number
  /** By `Date.now()`. */
  readonly gapEndsAt: number
}

/** Everybody sends to everybody at this rate; resolves when all is sent and answered. */
export async function runTraffic(
  pages: ReadonlyMap<string, Page>,
  perSecond: number,
  seconds: number,
): Promise<void> {
  const run = async ([name, page]: [string, Page]): Promise<void> => {
    const others = [...pages.keys()].filter((other) => other !== name)
    await page.evaluate(
      async ([me, peers, rate, duration]) => {
        const { Traffic } = await window.loadTraffic()
        window.traffic = new Traffic(window.user, me, peers)
        await window.traffic.run(rate, duration)
      },
      [name, others, perSecond, seconds] as const,
    )
  }
  await Promise.all([...pages].map(run))
}

/** What the calls of all were answered, by how often. */
export async function answersTo(pages: ReadonlyMap<string, Page>): Promise<Record<string, number>> {
  const sum: Record<string, number> = {}
  for (const page of pages.values()) {
    const answers = await page.evaluate(() => window.traffic.answers)
    for (const [code, count] of Object.entries(answers)) sum[code] = (sum[code] ?? 0) + count
  }
  return sum
}

/**
 * Nothing is lost, doubled or out of order between any two. What is still on its way is waited for. Returns what came,
 * by pair.
 */
export async function expectAllArrived(pages: ReadonlyMap<string, Page>): Promise<Pair[]> {
  const pairs: Pair[] = []
  for (const [sender, from] of pages) {
    const sent = await from.evaluate(() => window.traffic.sent)
    for (const [receiver, to] of pages) {
      if (receiver === sender) continue
      const pair = `${sender} → ${receiver}`
      const expected = textsFor(receiver, sent)
      const heard = () => to.evaluate((userId) => window.traffic.heardFrom(userId), sender)
      await expect
        .poll(async () => difference(expected, textsOf(await heard())), {
          timeout: STILL_ON_ITS_WAY_MS,
          message: pair,
        })
        .toBe('')
      pairs.push({ pair, count: expected.length, ...longestGap(await heard()) })
    }
  }
  return pairs
}

function textsFor(receiver: string, sent: readonly Sent[]): string[] {
  return sent.filter(({ to }) => to === receiver || to === 'all').map(({ text }) => text)
}

function textsOf(heard: readonly Heard[]): string[] {
  return heard.map(({ text }) => text)
}

/** In few words, as there may be hundreds; empty if there is none. */
function difference(expected: readonly string[], actual: readonly string[]): string {
  const lost = expected.filter((text) => !actual.includes(text))
  const doubled = actual.filter((text, i) => actual.indexOf(text) !== i)
  const firstWrong = expected.findIndex((text, i) => actual[i] !== text)
  if (firstWrong < 0 && actual.length === expected.length) return ''
  return (
    `of ${expected.length} lost ${few(lost)}, doubled ${few(doubled)}, ` +
    `wrong from "${expected[firstWrong] ?? 'the end'}" on, in whose place is "${actual[firstWrong] ?? 'nothing'}"`
  )
}

function few(texts: readonly string[]): string {
  return `${texts.length} (${texts.slice(0, 3).join(', ')})`
}

function longestGap(heard: readonly Heard[]): Pick<Pair, 'longestGapMs' | 'gapEndsAt'> {
  const gaps = heard.slice(1).map(({ at }, i) => {
    return { longestGapMs: Math.round(at - (heard[i]?.at ?? at)), gapEndsAt: Math.round(at) }
  })
  return gaps.sort((a, b) => b.longestGapMs - a.longestGapMs)[0] ?? { longestGapMs: 0, gapEndsAt: 0 }
}
