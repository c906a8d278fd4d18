import { describe, expect, test } from 'vitest'

import type { LocalState, RemoteState } from '../../src/rtm/invitations/invitation.ts'
import type { TestInvitation } from '../support/invitations.ts'
import { seededRandom } from '../support/random.ts'
import { type Page, setup } from './setup.ts'

/** What a seed has in it. */
interface Kind {
  /** How long two may be cut off from each other, and from the server. */
  readonly lossMs: readonly [least: number, most: number]
  readonly losses: number
  /** Whether the callee may log out and in, load its page anew, or log in elsewhere. */
  readonly mayReturn: boolean
  /** All that both do happens within so long; by default at any time of the invitation's life. */
  readonly withinMs?: number
}

/** Losses begin so far apart that each is mended before the next. */
const LOSSES_APART_MS = 25_000
const SEEDS_EACH = 100

/** What became of it with both: what they think is the same, or, in `apart`, how it is not. */
interface End {
  readonly local: LocalState
  readonly remote: RemoteState | undefined
  readonly isMatch: boolean
  readonly trace: readonly string[]
}

/** One call of Alice to Bob, with everything that may happen, drawn by the seed. */
async function interleaving(seed: number, kind: Kind): Promise<End> {
  const random = seededRandom(seed)
  const world = setup()
  const { clock, network, pass } = world
  const trace: string[] = []
  const start = clock.now()
  const note = (what: string): void => void trace.push(`${clock.now() - start}: ${what}`)
  const between = (least: number, most: number): number => Math.floor(least + random() * (most - least))
  /** Often within a few steps of each other, where races are. */
  const sometime = (): number =>
    random() < 0.5 ? between(0, kind.withinMs ?? 400) : between(0, kind.withinMs ?? 68_000)

  network.random = random
  network.jitterMs = 10
  const alice = await world.loggedIn('alice')
  const bobs: Page[] = [await world.loggedIn('bob')]
  for (const page of [alice, ...bobs]) await page.engine.invitations.prepare()
  const bob = (): Page => bobs.at(-1) ?? alice

  const call: TestInvitation = alice.invitation('bob', 'hello')
  note(`send: ${call.send()}`)
  const at = (ms: number, run: () => void): void => void clock.after(ms, run)
  const answer = (how: 'accept' | 'refuse'): void =>
    at(sometime(), () => {
      const outcome = bob().invited.at(-1)?.[how]('because')
      if (outcome !== undefined) note(`${how}: ${outcome}`)
    })
  if (random() < 0.7) answer('accept')
  if (random() < 0.5) answer('refuse')
  if (random() < 0.5) at(sometime(), () => note(`cancel: ${call.cancel()}`))

  for (let i = 0; i < kind.losses; i++) {
    const from = i * LOSSES_APART_MS + (random() < 0.5 ? between(0, 300) : between(0, 10_000))
    lose(from, between(...kind.lossMs))
  }
  if (kind.mayReturn) comeBack(between(0, 60_000))
  await pass(kind.losses * LOSSES_APART_MS + kind.lossMs[1] + 80_000)
  await pass(100_000)

  const remote = bobs.flatMap(({ invited }) => invited).at(-1)?.state
  checkEvents(alice, bobs, trace)
  note(`${call.state} / ${remote}`)
  const isMatch = remote === undefined ? call.state !== 'accepted' : call.state === remote
  return { local: call.state, remote, isMatch, trace }

  /** No link carries anything, or is opened; the server is away for both, or not. */
  function lose(from: number, ms: number): void {
    const isTotal = random() < 0.5
    at(from, () => {
      note(`lost for ${ms}${isTotal ? ', the server too' : ''}`)
      network.refusal = () => 'No path'
      for (const cable of network.openCables) cable.break(random() < 0.5 ? 'silent' : 'cut')
      if (isTotal) isolate(true)
    })
    at(from + ms, () => {
      note('back')
      network.refusal = () => undefined
      isolate(false)
    })
  }

  function isolate(isCutOff: boolean): void {
    for (const page of [alice, bob()]) {
      // One that is being loaded logs in later.
      if (page.engine.state === 'disconnected' || page.engine.state === 'connecting') continue
      page.rendezvous.isCutOff = isCutOff
      if (isCutOff) page.rendezvous.lose()
    }
  }

  function comeBack(from: number): void {
    const how = random()
    at(from, () => {
      if (how < 0.4) {
        note('callee logs out')
        bob().logout()
        at(between(10, 5_000), () => {
          note('callee logs in')
          bob().login()
        })
      } else {
        if (how < 0.7) {
          note('callee loads its page anew')
          bob().session.close()
        } else note('callee logs in elsewhere')
        const next = world.page('bob')
        bobs.push(next)
        at(between(10, 2_000), () => void next.login())
      }
    })
  }
}

/** Nobody is told anything twice. */
function checkEvents(alice: Page, bobs: readonly Page[], trace: readonly string[]): void {
  const ends = /: (canceled|accepted|refused|expired|remote-|local-|accept-failure|not-logged-in)/
  const mine = alice.log.filter((line) => line.startsWith('my call'))
  expect(mine.filter((line) => line === 'my call: received').length, trace.join('\n')).toBeLessThanOrEqual(1)
  expect(
    mine.filter((line) => ends.test(line)),
    trace.join('\n'),
  ).toHaveLength(1)
  for (const bob of bobs) {
    const theirs = bob.log.filter((line) => line.startsWith('call of'))
    expect(theirs.filter((line) => line.endsWith(': received')).length, trace.join('\n')).toBe(
      bob.invited.length,
    )
    expect(bob.invited.length, trace.join('\n')).toBeLessThanOrEqual(1)
    expect(
      theirs.filter((line) => ends.test(line)),
      trace.join('\n'),
    ).toHaveLength(bob.invited.length)
  }
}

async function run(first: number, kind: Kind): Promise<{ ends: Map<string, number>; apart: End[] }> {
  const ends = new Map<string, number>()
  const apart: End[] = []
  for (let seed = first; seed < first + SEEDS_EACH; seed++) {
    const end = await interleaving(seed, kind)
    const key = `${end.local} / ${end.remote ?? 'never received'}`
    ends.set(key, (ends.get(key) ?? 0) + 1)
    if (!end.isMatch) apart.push({ ...end, trace: [`seed ${seed}`, ...end.trace] })
  }
  return { ends, apart }
}

const report = (apart: readonly End[]): string => apart.map(({ trace }) => trace.join('\n')).join('\n\n')

/**
 * Two who are cut off for longer than the handshake waits cannot both know how it ends: the caller may cancel, and the
 * callee give up, refuse or be told that it logged out, while neither hears of the other. Where nobody is cut off for
 * 10 s or more both always end alike. Until 60 s, nobody has accepted alone.
 */
describe.each([
  { what: 'nothing is lost', kind: { losses: 0, lossMs: [0, 1], mayReturn: false }, from: [0] },
  {
    what: 'nothing is lost, and all is said within a few trips',
    kind: { losses: 0, lossMs: [0, 1], mayReturn: false, withinMs: 150 },
    from: [100],
  },
  {
    what: 'links are lost for less than 10 s, three times',
    kind: { losses: 3, lossMs: [10, 10_000], mayReturn: false },
    from: [200, 300, 400, 500, 600, 700],
  },
  {
    what: 'the callee logs out and in, loads its page anew, or logs in elsewhere',
    kind: { losses: 0, lossMs: [0, 1], mayReturn: true },
    from: [800],
  },
  {
    what: 'all is said within a few trips, and the link is lost for less than 10 s',
    kind: { losses: 1, lossMs: [10, 10_000], mayReturn: false, withinMs: 150 },
    from: [900],
  },
] as const)('Where $what', ({ kind, from }) => {
  test.each(from)('both sides end alike in 100 interleavings, from seed %i on', async (first) => {
    const { ends, apart } = await run(first, kind)
    expect(report(apart)).toBe('')
    expect([...ends.keys()]).toEqual(
      expect.arrayContaining([
        'accepted / accepted',
        'refused / refused',
        'canceled / canceled',
        'failed / failed',
      ]),
    )
  })
})

describe.each([
  {
    what: 'links are lost for 10 to 31 s, twice',
    kind: { losses: 2, lossMs: [10_000, 31_000], mayReturn: false },
    first: 1_000,
    most: 5,
  },
  {
    what: 'links are lost for 31 to 80 s',
    kind: { losses: 1, lossMs: [31_000, 80_000], mayReturn: false },
    first: 1_100,
    most: 25,
  },
  {
    what: 'links are lost for up to 31 s, and the callee returns',
    kind: { losses: 2, lossMs: [10, 31_000], mayReturn: true },
    first: 1_200,
    most: 8,
  },
] as const)('Where $what', ({ kind, first, most }) => {
  test(`at most ${most} of 100 interleavings end differently with both, from seed ${first} on`, async () => {
    const { apart } = await run(first, kind)
    expect(apart.length, report(apart)).toBeLessThanOrEqual(most)
    const isAlone = ({ local, remote }: End): boolean => local === 'accepted' || remote === 'accepted'
    if (kind.lossMs[1] <= 31_000) expect(report(apart.filter(isAlone))).toBe('')
  })
})
