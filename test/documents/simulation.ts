import type { AttributeChange, ChannelAttribute } from '../../src/documents/attribute.ts'
import { MemoryStore } from '../../src/storage/memory-store.ts'
import { seededRandom } from '../support/random.ts'
import type { Holder } from './holder.ts'
import { createWorld } from './world.ts'

const NAMES = ['alice', 'bob', 'carol', 'dave', 'erin'] as const
const KEYS = ['a', 'b', 'c', 'd', 'e', 'f'] as const

export interface SimulationOptions {
  readonly seed: number
  readonly steps: number
  /** Pages are loaded again, and some die without a word. */
  readonly hasReloads: boolean
}

export interface Outcome {
  /** What each shows in the end. */
  readonly shown: readonly (readonly ChannelAttribute[] | undefined)[]
  /** The latest of each key that anybody saw at any time. */
  readonly latestSeen: ReadonlyMap<string, ChannelAttribute>
  readonly log: readonly string[]
  /** What happened, for comparison of two runs. */
  readonly trace: string
}

/**
 * Holders that write, lose their links, find each other again, and come and go, all by the dice of one seed. In the
 * end all of them are linked, and it is quiet for a while.
 */
export async function simulate({ seed, steps, hasReloads }: SimulationOptions): Promise<Outcome> {
  const random = seededRandom(seed)
  const below = (limit: number): number => Math.floor(random() * limit)
  const world = await createWorld({ seed, delayMs: () => 1 + below(60) })
  const count = 3 + below(3)
  const stores = new Map(NAMES.map((name) => [name, new MemoryStore()]))
  const latestSeen = new Map<string, ChannelAttribute>()
  const log: string[] = []
  const trace: string[] = []
  const present: Holder[] = []
  let writes = 0

  async function arrive(name: (typeof NAMES)[number]): Promise<void> {
    const store = stores.get(name) ?? new MemoryStore()
    const one = await world.holder(name, { store, aheadMs: below(4_000) - 2_000 })
    for (const other of present) one.knows(other)
    present.push(one)
  }

  async function goAway(one: Holder, isOrderly: boolean): Promise<void> {
    present.splice(present.indexOf(one), 1)
    log.push(...one.log.map(({ sentence, details }) => `${one.peer.userId}: ${sentence} ${details?.['why']}`))
    if (isOrderly) return world.leave(one)
    // Nothing is written to the disk any more.
    one.parts.store.set = () => Promise.resolve()
    await world.leave(one)
    stores.set(one.peer.userId as (typeof NAMES)[number], copyOf(one.parts.store))
  }

  function look(one: Holder): void {
    void one.document.read().then((attributes) => {
      for (const attribute of attributes ?? []) {
        const before = latestSeen.get(attribute.key)
        if (!before || isLater(attribute, before)) latestSeen.set(attribute.key, attribute)
      }
    })
  }

  async function step(): Promise<void> {
    const one = present[below(present.length)]
    const other = present[below(present.length)]
    const dice = below(100)
    if (!one || !other) return arrive('alice')
    if (dice < 55) void one.write(anyChange(), below(2) === 0)
    else if (dice < 70 && one !== other) world.cut(one, other)
    else if (dice < 85 && one !== other) world.join(one, other)
    else if (dice < 92 && hasReloads) {
      const name = one.peer.userId as (typeof NAMES)[number]
      await goAway(one, below(3) > 0)
      await world.pass(below(3_000))
      await arrive(name)
    } else look(other)
    look(one)
    await world.pass(below(4) === 0 ? below(4_000) : below(150))
    trace.push(`${dice} ${one.peer.userId} ${world.clock.now()} ${world.clock.pending}`)
  }

  function anyChange(): AttributeChange {
    const key = KEYS[below(KEYS.length)] ?? 'a'
    const attributes = [{ key, value: `${++writes}` }]
    const dice = hasReloads ? below(20) : 0
    if (dice < 14) return { kind: 'update', attributes }
    if (dice < 17) return { kind: 'delete', keys: [key] }
    return dice < 19 ? { kind: 'set', attributes } : { kind: 'clear' }
  }

  for (const name of NAMES.slice(0, count)) await arrive(name)
  for (let i = 0; i < steps; i++) await step()
  for (const one of present) for (const other of present) if (one !== other) world.join(one, other)
  for (const one of present) look(one)
  await world.pass(60_000)
  const shown = await Promise.all(present.map((one) => one.document.read()))
  for (const one of present)
    log.push(...one.log.map(({ sentence, details }) => `${one.peer.userId}: ${sentence} ${details?.['why']}`))
  trace.push(JSON.stringify(shown))
  await world.end()
  return { shown, latestSeen, log, trace: trace.join('\n') }
}

export function isLater(a: ChannelAttribute, b: ChannelAttribute): boolean {
  if (a.lastUpdateTs !== b.lastUpdateTs) return a.lastUpdateTs > b.lastUpdateTs
  return a.lastUpdateUserId > b.lastUpdateUserId
}

function copyOf(store: MemoryStore): MemoryStore {
  return Object.assign(new MemoryStore(), { valueByKey: store['valueByKey'] })
}
