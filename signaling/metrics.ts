import { type IntervalHistogram, monitorEventLoopDelay } from 'node:perf_hooks'

import { Counter, Gauge, Registry } from 'prom-client'

import type { Directory } from './directory.ts'
import type { Readiness } from './readiness.ts'
import type { Relay } from './relay.ts'
import type { Rosters } from './rosters.ts'
import type { Session } from './session.ts'
import type { Tallies } from './tallies.ts'

/** Where the numbers are. They are read when somebody asks for them; until then they cost what a number costs. */
export interface MetricSources {
  readonly tallies: Tallies
  readonly relay: Relay
  readonly rosters: Rosters
  readonly directory: Directory
  readonly readiness: Readiness
  readonly openSockets: () => number
  readonly addresses: () => number
  /** Of each open socket. */
  readonly queuedBytes: () => Iterable<number>
}

type Values = Iterable<readonly [label: string, value: number]>

const NANOSECONDS = 1e9
/** A delay of a busy process is longer; it wakes an idle one 50 times a second. */
const LAG_RESOLUTION_MS = 20

/**
 * What the server tells Prometheus, in a registry of its own: of several servers in one process each has its numbers.
 * Nothing in it is of one user, app or address; the labels are from lists in the source.
 */
export class Metrics {
  private readonly registry = new Registry()
  private readonly lag: IntervalHistogram

  constructor({ tallies, relay, rosters, directory, readiness, ...now }: MetricSources) {
    this.lag = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS })
    this.lag.enable()

    this.gauge('ready', 'Whether /readyz says so', () => (readiness.current.ready ? 1 : 0))
    this.gauge('sockets', 'Open WebSockets', now.openSockets)
    this.gauge('addresses', 'Client addresses that are counted', now.addresses)
    this.gaugeBy('sessions', 'Sessions, and whether they have a socket', 'state', () =>
      sessionCounts(directory),
    )
    this.gauge('memberships', 'Members of all channels', () =>
      sum(directory, (session) => session.channels.size),
    )
    this.gauge('subscriptions', 'Subscriptions of all sessions', () =>
      sum(directory, (session) => session.subscriptions.size),
    )
    this.gaugeBy('queued_bytes', 'Bytes that wait for readers: all, and the slowest', 'of', () => {
      const each = [...now.queuedBytes()]
      return [
        ['all', each.reduce((total, bytes) => total + bytes, 0)],
        ['slowest', each.reduce((most, bytes) => Math.max(most, bytes), 0)],
      ]
    })
    this.gaugeBy(
      'event_loop_lag_seconds',
      'How late this process was since it was last asked',
      'quantile',
      () => this.lagSince(),
    )
    this.gauge('memory_bytes', 'Resident memory of the process', () => process.memoryUsage.rss())

    this.counter('connections_total', 'WebSockets that were opened', () => tallies.connections)
    this.counter('messages_total', 'Messages from clients', () => tallies.messages)
    this.counter('rosters_total', 'Rosters sent', () => rosters.sentRosters)
    this.counterBy('signals_total', 'Signals, and whether they could be passed on', 'result', () => [
      ['relayed', relay.relayedSignals],
      ['undeliverable', relay.undeliverableSignals],
    ])
    this.counterBy('logins_total', 'Logins by result', 'result', () => Object.entries(tallies.logins))
    this.counterBy('refusals_total', 'Connections refused or ended', 'reason', () =>
      Object.entries(tallies.refusals),
    )
    this.counterBy('declines_total', 'What was refused to sessions that go on', 'reason', () =>
      Object.entries(tallies.declines),
    )
    this.counter('cpu_seconds_total', 'CPU time of the process', () => {
      const { user, system } = process.cpuUsage()
      return (user + system) / 1e6
    })
  }

  get contentType(): string {
    return this.registry.contentType
  }

  text(): Promise<string> {
    return this.registry.metrics()
  }

  /** What it says stays as it was. */
  close(): void {
    this.lag.disable()
  }

  private lagSince(): Values {
    const { lag } = this
    // Of no sample at all these are no numbers.
    const seconds = (nanoseconds: number): number => (lag.count === 0 ? 0 : nanoseconds / NANOSECONDS)
    const values = [
      ['0.5', seconds(lag.percentile(50))],
      ['0.99', seconds(lag.percentile(99))],
      ['1', seconds(lag.max)],
    ] as const
    lag.reset()
    return values
  }

  private gauge(name: string, help: string, value: () => number): void {
    const gauge: Gauge = new Gauge({ ...this.named(name, help), collect: () => gauge.set(value()) })
  }

  private gaugeBy(name: string, help: string, label: string, values: () => Values): void {
    const gauge: Gauge = new Gauge({
      ...this.named(name, help),
      labelNames: [label],
      collect: () => {
        for (const [of, value] of values()) gauge.set({ [label]: of }, value)
      },
    })
  }

  private counter(name: string, help: string, value: () => number): void {
    const counter: Counter = new Counter({
      ...this.named(name, help),
      collect: () => {
        counter.reset()
        counter.inc(value())
      },
    })
  }

  private counterBy(name: string, help: string, label: string, values: () => Values): void {
    const counter: Counter = new Counter({
      ...this.named(name, help),
      labelNames: [label],
      collect: () => {
        counter.reset()
        for (const [of, value] of values()) counter.inc({ [label]: of }, value)
      },
    })
  }

  private named(name: string, help: string): { name: string; help: string; registers: Registry[] } {
    return { name: `rtm_mesh_${name}`, help, registers: [this.registry] }
  }
}

function sessionCounts(directory: Directory): Values {
  let [connected, away] = [0, 0]
  for (const session of ownOf(directory)) {
    if (session.outlet) connected += 1
    else away += 1
  }
  return [
    ['connected', connected],
    ['away', away],
  ]
}

function sum(directory: Directory, count: (session: Session) => number): number {
  let total = 0
  for (const session of ownOf(directory)) total += count(session)
  return total
}

/** Other nodes of a cluster count theirs. */
function* ownOf(directory: Directory): Iterable<Session> {
  for (const session of directory.sessions()) if (!session.isElsewhere) yield session
}
