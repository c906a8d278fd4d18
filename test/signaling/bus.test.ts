import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'

import type { Bus } from '../../signaling/cluster/bus.ts'
import { type InProcessBus, InProcessHub } from '../../signaling/cluster/in-process-bus.ts'
import { RedisBus } from '../../signaling/cluster/redis-bus.ts'
import { RedisConnection } from '../../signaling/cluster/redis-connection.ts'
import type { NodeId } from '../../signaling/session.ts'
import { systemClock } from '../../src/base/clock.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { noLog } from '../support/no-log.ts'
import { lasting } from '../support/real-time.ts'
import { RedisServer } from '../support/redis.ts'
import { busContract, claimOf } from './bus-contract.ts'

const leaseMs = 1_000
const leases = { nodeMs: leaseMs, claimMs: leaseMs }

describe('the bus of servers in one process', () => {
  busContract(() => {
    const clock = new ManualClock()
    const hub = new InProcessHub(clock, leases)
    return Promise.resolve({
      bus: () => Promise.resolve(hub.bus()),
      crash: (bus: Bus) => Promise.resolve((bus as InProcessBus).crash()),
      stop: () => Promise.resolve(hub.stop()),
      start: (isEmpty: boolean) => Promise.resolve(hub.start({ isEmpty })),
      lose: () => Promise.resolve(hub.lose()),
      pass: () => Promise.resolve(clock.advance(leaseMs / 10)),
    })
  })
})

describe('the bus on Redis', () => {
  let redis: RedisServer
  beforeAll(async () => {
    redis = await RedisServer.start()
  })
  afterAll(() => redis.close())

  const connections = new Map<Bus, RedisConnection>()
  const connect = async (): Promise<RedisBus> => {
    const connection = await RedisConnection.to(redis.url, noLog)
    const bus = new RedisBus(connection, redis.url, systemClock, noLog, leases)
    connections.set(bus, connection)
    return bus
  }

  busContract(async () => {
    await redis.empty()
    return {
      bus: connect,
      crash: (bus) => Promise.resolve(connections.get(bus)?.close()),
      stop: () => redis.kill(),
      start: () => redis.startAgain(),
      lose: () => redis.empty(),
      // Redis ends leases by a clock of its own.
      pass: () => lasting(10),
    }
  })

  it('leaves nothing in it that does not end by itself', async () => {
    await redis.empty()
    const bus = await connect()
    onTestFinished(() => bus.close())
    const nothing = () => undefined
    await bus.open('a'.repeat(32) as NodeId, { up: nothing, down: nothing, news: nothing, letter: nothing })
    bus.write({ number: 1, sessions: new Map() })
    await bus.claim(claimOf('alice', 1))
    bus.keep(new Map([['ban mallory', 'for good']]))
    await bus.beat('alive')
    const lives = await redis.lives()
    expect([...lives.keys()].map((key) => key.replace(/(?<=user:|node:).*/, '…')).sort()).toEqual([
      'rtm-mesh:1:0:holders',
      'rtm-mesh:1:0:kept',
      'rtm-mesh:1:0:node:…',
      'rtm-mesh:1:0:nodes',
      'rtm-mesh:1:0:untils',
      'rtm-mesh:1:0:user:…',
    ])
    for (const leftMs of lives.values()) expect(leftMs).toBeGreaterThan(0)
  })

  it('keeps the databases of one Redis apart', async () => {
    await redis.empty()
    const elsewhere = await RedisBus.at(`${redis.url}/3`, systemClock, noLog, leases)
    const here = await connect()
    const heard: string[] = []
    const nothing = () => undefined
    const listener = { up: nothing, down: nothing, letter: nothing, news: (text: string) => heard.push(text) }
    await elsewhere.open('b'.repeat(32) as NodeId, listener)
    await here.open('c'.repeat(32) as NodeId, listener)
    onTestFinished(async () => {
      await elsewhere.close()
      await here.close()
    })
    await here.claim(claimOf('alice', 1, { loginTime: 9_000 }))
    expect(await elsewhere.claim(claimOf('alice', 2, { loginTime: 2_000 }))).toMatchObject({
      isGranted: true,
    })
    elsewhere.announce('from database 3')
    here.announce('from database 0')
    while (heard.length < 2) await new Promise(setImmediate)
    expect(heard.sort()).toEqual(['from database 0', 'from database 3'])
  })
})
