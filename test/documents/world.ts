import { onTestFinished } from 'vitest'

import { Trust } from '../../src/mesh/trust.ts'
import { MemoryStore } from '../../src/storage/memory-store.ts'
import { APP, createIssuer } from '../support/credentials.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { nodeCrypto } from '../support/node-crypto.ts'
import { pass } from '../support/pass-time.ts'
import { seededRandom } from '../support/random.ts'
import { Holder, HOUR_MS, Identity, type Issuer } from './holder.ts'
import { Mallory } from './mallory.ts'
import { Network, type Participant } from './network.ts'

const DELAY_MS = 5

export interface WorldOptions {
  readonly seed?: number
  readonly delayMs?: (what: 'channel' | 'message') => number
}

export interface HolderOptions {
  readonly isMember?: boolean
  readonly store?: MemoryStore
  readonly aheadMs?: number
  readonly ttlMs?: number
  /** Who signs its credential, if not the server of all. */
  readonly issuer?: Issuer
  /** The servers that it accepts, if not only that one. */
  readonly accepts?: readonly Issuer[]
}

export type World = Awaited<ReturnType<typeof createWorld>>

/** Holders of one channel's document, on a clock that a test moves, over links that a test cuts. */
export async function createWorld({ seed = 1, delayMs = () => DELAY_MS }: WorldOptions = {}) {
  const crypto = nodeCrypto(seededRandom(seed))
  const clock = new ManualClock()
  const issuer = await createIssuer()
  const network = new Network(clock, delayMs)
  const holders = new Set<Holder>()

  /** Somebody without links to others yet; nobody knows of it. */
  async function holder(name: string, options: HolderOptions = {}): Promise<Holder> {
    const { store = new MemoryStore(), aheadMs = 0, ttlMs = 24 * HOUR_MS } = options
    const identity = await Identity.create(name, clock, crypto)
    const trust = new Trust(APP, crypto, clock)
    const servers = options.accepts ?? [options.issuer ?? issuer]
    await trust.addServerKeys(servers.map(({ publicKey }) => publicKey))
    const credential = await identity.issue(options.issuer ?? issuer)
    const one = new Holder({ identity, clock, crypto, network, store, trust, aheadMs }, credential, ttlMs)
    await one.open(options.isMember ?? true)
    network.attach(one)
    holders.add(one)
    return one
  }

  /** Members of the channel, all linked. */
  async function lobby<Names extends readonly string[]>(
    ...names: Names
  ): Promise<{ [K in keyof Names]: Holder }> {
    const all: Holder[] = []
    for (const name of names) {
      const one = await holder(name)
      one.knows(...all)
      all.push(one)
    }
    await pass(clock, 100)
    return all as { [K in keyof Names]: Holder }
  }

  /** Somebody who keeps to no rules, with a credential like everybody. */
  async function mallory(name = 'mallory'): Promise<Mallory> {
    const identity = await Identity.create(name, clock, crypto)
    const one = new Mallory(identity, await identity.issue(issuer), network)
    network.attach(one)
    return one
  }

  /** The page of a holder is gone, and everybody hears of it. */
  async function leave(one: Holder): Promise<void> {
    holders.delete(one)
    network.detach(one)
    await one.document.close()
    for (const other of holders) {
      other.members.delete(one)
      other.document.remove(one.peer.sessionId)
    }
    await pass(clock, 50)
  }

  /** A call's result, if time enough has passed for it. */
  async function result<T>(call: Promise<T>, ms = 1_000): Promise<T | 'no answer'> {
    let answer: T | 'no answer' = 'no answer'
    void call.then((value) => (answer = value))
    await pass(clock, ms)
    return answer
  }

  /** Everybody leaves; nothing may be left to be done. */
  async function end(): Promise<void> {
    for (const { document } of holders) await document.close()
    holders.clear()
    await pass(clock, 100)
    if (clock.pending > 0) throw new Error(`${clock.pending} timers are left`)
  }

  onTestFinished(end)

  return {
    clock,
    crypto,
    issuer,
    network,
    holder,
    lobby,
    mallory,
    leave,
    end,
    result,
    pass: (ms: number) => pass(clock, ms),
    cut: (a: Participant, b: Participant) => network.cut(a, b),
    join: (a: Participant, b: Participant) => network.join(a, b),
  }
}
