import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it, onTestFinished } from 'vitest'

import { createSignalingServer, type SignalingServerOptions } from '../../signaling/index.ts'
import { noLog } from '../support/no-log.ts'
import { createIdentity, TestPage } from './client.ts'
import { countsOf, metricsOf } from './metric-values.ts'
import { setup } from './setup.ts'

async function start(options: SignalingServerOptions = {}) {
  const server = await createSignalingServer({ port: 0, log: noLog, ...options })
  onTestFinished(() => server.close())
  return server
}

describe('the metrics', () => {
  it('say who is there and what happens', async () => {
    const { server, lobby } = await setup()
    const [alice, bob] = await lobby('alice', 'bob')
    alice.send({ type: 'signal', to: bob.sessionId, signal: 'offer' })
    alice.send({ type: 'signal', to: alice.sessionId, signal: 'to nobody' })
    alice.send({ type: 'subscribe', userIds: ['bob', 'carol'] as never })
    await alice.settled()
    const values = await metricsOf(server)
    const expected = {
      rtm_mesh_ready: 1,
      rtm_mesh_sockets: 2,
      rtm_mesh_addresses: 0,
      'rtm_mesh_sessions{state="connected"}': 2,
      'rtm_mesh_sessions{state="away"}': 0,
      rtm_mesh_memberships: 2,
      rtm_mesh_subscriptions: 2,
      'rtm_mesh_queued_bytes{of="all"}': 0,
      'rtm_mesh_queued_bytes{of="slowest"}': 0,
      rtm_mesh_connections_total: 2,
      rtm_mesh_messages_total: 7,
      rtm_mesh_rosters_total: 2,
      'rtm_mesh_signals_total{result="relayed"}': 1,
      'rtm_mesh_signals_total{result="undeliverable"}': 1,
      'rtm_mesh_logins_total{result="admitted"}': 2,
      'rtm_mesh_logins_total{result="returned"}': 0,
    }
    expect(Object.fromEntries(Object.keys(expected).map((name) => [name, values.get(name)]))).toEqual(
      expected,
    )
    expect(values.get('rtm_mesh_memory_bytes')).toBeGreaterThan(1e6)
    expect(values.get('rtm_mesh_event_loop_lag_seconds{quantile="0.99"}')).toBeGreaterThanOrEqual(0)
  })

  it('tell logins by their result', async () => {
    const { server, logIn, untilLingering } = await setup()
    const alice = await logIn('alice')
    alice.socket.terminate()
    await untilLingering(alice)
    expect((await metricsOf(server)).get('rtm_mesh_sessions{state="away"}')).toBe(1)
    const back = await logIn(alice.identity, alice.credential)
    expect(await countsOf(server, 'logins')).toEqual({ admitted: 2, returned: 1 })
    back.send({ type: 'goodbye' })
    await back.closed
    const values = await metricsOf(server)
    expect(values.get('rtm_mesh_sessions{state="connected"}')).toBe(0)
  })

  it('name nobody: no user, no channel, no address', async () => {
    const { server, lobby } = await setup({ trustedProxies: ['loopback'] })
    const [alice] = await lobby('alice', 'bob')
    await alice.join('secret-channel', 2)
    expect(await server.metrics()).not.toMatch(/alice|bob|secret-channel|lobby|127\.0\.0|aaaa/)
  })

  it('are those of one server, of however many there are in the process', async () => {
    const [one, other] = [await start(), await start()]
    await new TestPage(one.url, await createIdentity('alice')).logIn()
    expect((await metricsOf(one)).get('rtm_mesh_connections_total')).toBe(1)
    expect((await metricsOf(other)).get('rtm_mesh_connections_total')).toBe(0)
  })

  it('stay as they were after the end', async () => {
    const server = await start()
    await new TestPage(server.url, await createIdentity('alice')).logIn()
    await server.close()
    const values = await metricsOf(server)
    expect(values.get('rtm_mesh_connections_total')).toBe(1)
    expect(values.get('rtm_mesh_ready')).toBe(0)
  })
})

describe('a port for metrics', () => {
  it('has them, and what monitors ask for, on this machine only', async () => {
    const server = await start({ metrics: { port: 0 } })
    const url = server.metricsUrl ?? ''
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/)
    const response = await fetch(url)
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
    expect(await response.text()).toContain('\n# TYPE rtm_mesh_sockets gauge\nrtm_mesh_sockets 0\n')
    expect((await fetch(url.replace('/metrics', '/readyz'))).status).toBe(200)
    expect((await fetch(url.replace('/metrics', '/healthz'))).status).toBe(200)
    expect((await fetch(url.replace('/metrics', '/rtm'))).status).toBe(404)
    const main = `http://127.0.0.1:${server.port}/metrics`
    expect((await fetch(main)).status).toBe(404)
    await server.close()
    await expect(fetch(url)).rejects.toThrow()
  })

  it('that is taken is told by a sentence, and nothing stays open', async () => {
    const { port } = await start()
    const begun = createSignalingServer({ port: 0, log: noLog, metrics: { port } })
    await expect(begun).rejects.toThrow(`Port ${port} on 127.0.0.1 is taken`)
  })
})

describe('the dashboard for Grafana', () => {
  const dashboard = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../deploy/grafana-dashboard.json'), 'utf8'),
  ) as { title: string; panels: { title: string; targets?: { expr: string }[] }[] }
  const expressions = dashboard.panels.flatMap(({ targets }) => targets ?? []).map(({ expr }) => expr)

  it('asks for nothing but what the server tells', async () => {
    const text = await (await start()).metrics()
    const told = new Set([...text.matchAll(/^# TYPE (\w+) /gm)].map(([, name]) => name))
    const asked = new Set(
      expressions.flatMap((expr) => expr.match(/\b(?:rtm_mesh|process|nodejs)_\w+/g) ?? []),
    )
    expect([...asked].filter((name) => !told.has(name))).toEqual([])
    expect([...told].filter((name) => !asked.has(name ?? ''))).toEqual([])
  })

  it('asks for labels that there are, and for rates of what only grows', async () => {
    const text = await (await start()).metrics()
    const types = new Map([...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name, type]) => [name, type]))
    for (const expr of expressions) {
      for (const [, name = '', label = '', value = ''] of expr.matchAll(
        /(rtm_mesh_\w+)\{(\w+)="([^"]+)"\}/g,
      )) {
        expect(text, expr).toContain(`${name}{${label}="${value}"}`)
      }
      for (const [, inside = ''] of expr.matchAll(/rate\((rtm_mesh_\w+)/g))
        expect(types.get(inside)).toBe('counter')
      const isRate = expr.includes('rate(')
      for (const name of expr.match(/rtm_mesh_\w+_total/g) ?? []) expect(isRate, name).toBe(true)
    }
  })

  it('has a name for each panel', () => {
    expect(dashboard.title).toBe('rtm-mesh signaling')
    for (const { title } of dashboard.panels) expect(title).not.toBe('')
    expect(expressions.length).toBeGreaterThan(10)
  })
})
