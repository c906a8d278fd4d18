import type { Clock } from '../../src/base/clock.ts'
import type { Log } from '../../src/base/logger.ts'
import type { Bus } from './bus.ts'
import { Cluster } from './cluster.ts'
import { RedisBus } from './redis-bus.ts'

/** A node of the cluster that meets in this Redis; it begins when it is opened. */
export async function clusterAt(redis: string | Bus, clock: Clock, log: Log): Promise<Cluster> {
  const bus = typeof redis === 'string' ? await RedisBus.at(redis, clock, log) : redis
  return new Cluster(bus, clock, log)
}
