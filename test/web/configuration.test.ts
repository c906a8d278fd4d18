import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import type { RtmConfig } from '../../src/web.ts'
import { makePage } from '../rtm/page.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { MemoryBrowser } from '../support/memory-browser.ts'
import { MemoryLogStore } from '../support/memory-log-store.ts'
import { memoryLogbook } from '../support/memory-logbook.ts'
import { MemoryNetwork } from '../support/memory-network.ts'
import { MemoryRealm } from '../support/memory-realm.ts'

const made: unknown[] = []

vi.mock('../../src/rtm/browser-surroundings.ts', () => ({
  browserSurroundings: (network: object) => {
    made.push(network)
    const clock = new ManualClock()
    const places = {
      clock,
      realm: new MemoryRealm(clock),
      network: new MemoryNetwork(clock),
      nextSession: () => 1,
    }
    const logbook = memoryLogbook(clock, new MemoryLogStore())
    const { surroundings } = makePage('alice', places, new MemoryBrowser(clock), { log: logbook.log })
    return { ...surroundings, log: logbook.log, logbook }
  },
}))

const { default: AgoraRTM, RtmError } = await import('../../src/web.ts')
const APP = 'a'.repeat(32)

beforeEach(() => {
  vi.spyOn(console, 'warn').mockImplementation(() => undefined)
})
afterEach(() => {
  vi.restoreAllMocks()
  AgoraRTM.setArea({ areaCodes: [AgoraRTM.AreaCode.GLOBAL] })
})

/** The network of a client with this configuration. */
function networkOf(config?: RtmConfig | null, areaCodes?: Parameters<typeof AgoraRTM.createInstance>[2]) {
  const client = AgoraRTM.createInstance(APP, config, areaCodes)
  client.destroy()
  return made.pop()
}

function thrown(run: () => unknown): string {
  try {
    run()
  } catch (error) {
    return error instanceof RtmError ? `${error.name} ${error.code}: ${error.message}` : String(error)
  }
  return 'nothing'
}

const servers = [
  { url: 'wss://europe.example/rtm', areas: [AgoraRTM.AreaCode.EUROPE] },
  { url: 'wss://asia.example/rtm', areas: [AgoraRTM.AreaCode.ASIA, AgoraRTM.AreaCode.JAPAN] },
  'wss://everywhere.example/rtm',
]
const [EUROPE, ASIA, EVERYWHERE] = [
  'wss://europe.example/rtm',
  'wss://asia.example/rtm',
  'wss://everywhere.example/rtm',
]

describe('createInstance', () => {
  test('throws at once for an app id that is not 32 visible characters', () => {
    for (const appId of ['', 'short', 'a'.repeat(33), undefined, null, 7] as string[])
      expect(thrown(() => AgoraRTM.createInstance(appId))).toBe(
        'RtmInvalidArgumentError 1: createInstance: appId must be 32 visible ASCII characters',
      )
  })

  test('takes servers, ICE servers and whether links go through these only', () => {
    const iceServers = [{ urls: 'turn:turn.example', username: 'u', credential: 'c' }]
    const signaling = [EUROPE]
    expect(networkOf({ signaling, iceServers, iceTransportPolicy: 'relay' })).toEqual({
      signaling,
      iceServers,
      iceTransportPolicy: 'relay',
    })
    for (const config of [undefined, null, {}]) expect(networkOf(config)).toEqual({})
  })

  test.each([
    [{ signaling: EUROPE }, 'signaling must be a list of WebSocket URLs'],
    [{ signaling: ['https://example.org'] }, 'https://example.org is not a WebSocket URL'],
    [{ signaling: [7] }, '7 is not a WebSocket URL'],
    [{ signaling: [{ url: EUROPE, areas: ['MOON'] }] }, `areas of ${EUROPE} must be a list`],
    [{ iceServers: 'stun:example.org' }, 'iceServers must be a list'],
    [{ iceTransportPolicy: 'some' }, "iceTransportPolicy must be 'all' or 'relay'"],
    [{ rateLimits: 'no' }, 'rateLimits must be true or false'],
    [{ logFilter: 'off' }, 'logFilter must be one of'],
    ['text', 'the configuration must be an object'],
  ])('throws a sentence for %j', (config, sentence) => {
    const told = thrown(() => AgoraRTM.createInstance(APP, config as never))
    expect(told).toMatch(/^RtmInvalidArgumentError 1: createInstance: /)
    expect(told).toContain(sentence)
    expect(made).toEqual([])
  })

  test('ignores what other versions take', () => {
    const config = { enableLogUpload: true, enableCloudProxy: true, uploadLog: 1, logFilter: undefined }
    expect(networkOf(config as RtmConfig)).toEqual({})
  })
})

describe('Areas', () => {
  test('choose among the servers of a client: those that are meant for them come first', () => {
    expect(networkOf({ signaling: servers })).toEqual({ signaling: [EUROPE, ASIA, EVERYWHERE] })
    AgoraRTM.setArea({ areaCodes: [AgoraRTM.AreaCode.JAPAN] })
    expect(networkOf({ signaling: servers })).toEqual({ signaling: [ASIA, EVERYWHERE] })
    expect(networkOf({ signaling: servers }, [AgoraRTM.LegacyAreaCode.EU])).toEqual({
      signaling: [EUROPE, EVERYWHERE],
    })
  })

  test('may be everywhere but one', () => {
    const { GLOBAL, EUROPE: excludedArea } = AgoraRTM.AreaCode
    AgoraRTM.setArea({ areaCodes: [GLOBAL], excludedArea })
    expect(networkOf({ signaling: servers })).toEqual({ signaling: [ASIA, EVERYWHERE] })
  })

  test('for which no server is meant are an error', () => {
    AgoraRTM.setArea({ areaCodes: [AgoraRTM.AreaCode.INDIA] })
    expect(thrown(() => networkOf({ signaling: servers.slice(0, 2) }))).toContain('none of the signaling')
    expect(networkOf({ signaling: [] })).toEqual({ signaling: [] })
  })

  test.each([
    undefined,
    {},
    { areaCodes: [] },
    { areaCodes: ['MOON'] },
    { areaCodes: ['GLOBAL'], excludedArea: 'MOON' },
  ])('are not %j', (config) => {
    expect(thrown(() => AgoraRTM.setArea(config as never))).toMatch(/^RtmInvalidArgumentError 1: setArea/)
  })
})

describe('setParameter and setParameters', () => {
  test('say what later clients have, unless they say otherwise', () => {
    AgoraRTM.setParameters({ signaling: [EUROPE], iceServers: [] })
    AgoraRTM.setParameter('signaling', [ASIA])
    AgoraRTM.setParameter('something else', 1)
    expect(networkOf()).toEqual({ signaling: [ASIA], iceServers: [] })
    expect(networkOf({ signaling: [EVERYWHERE] })).toEqual({ signaling: [EVERYWHERE], iceServers: [] })
    expect(thrown(() => AgoraRTM.setParameter('signaling', 7))).toContain('signaling must be a list')
    expect(networkOf({ iceServers: undefined })).toEqual({ signaling: [ASIA], iceServers: [] })
  })
})

describe('A log filter', () => {
  test('says what the console shows, from the start and by updateConfig', () => {
    const shown: string[] = []
    for (const method of ['info', 'warn', 'error'] as const)
      vi.spyOn(console, method).mockImplementation((line: string) => void shown.push(line))
    const client = AgoraRTM.createInstance(APP, { logFilter: AgoraRTM.LOG_FILTER_INFO })
    expect(shown.length).toBeGreaterThan(0)
    shown.length = 0
    client.setParameters({ logFilter: AgoraRTM.LOG_FILTER_OFF })
    void client.login({ uid: 'alice' }).catch(() => undefined)
    client.updateConfig({ rateLimits: false })
    client.destroy()
    expect(shown).toEqual([])
    expect(thrown(() => client.updateConfig({ logFilter: 7 } as never))).toContain('logFilter must be')
    expect(
      [
        AgoraRTM.LOG_FILTER_OFF,
        AgoraRTM.LOG_FILTER_ERROR,
        AgoraRTM.LOG_FILTER_WARNING,
        AgoraRTM.LOG_FILTER_INFO,
      ].map(({ error, warn, info }) => [error, warn, info]),
    ).toEqual([
      [false, false, false],
      [true, false, false],
      [true, true, false],
      [true, true, true],
    ])
  })
})
