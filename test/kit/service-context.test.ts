import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'

import {
  AgoraRtmAreaCode as Area,
  AgoraRtmCloudProxyType,
  type AgoraRtmServiceContext,
  AgoraRtmSetContextErrorCode as Code,
} from '../../src/index.ts'
import {
  releaseServiceContext,
  setServiceContext,
  takeServiceContext,
} from '../../src/kit/service-context.ts'

const EU = { url: 'wss://eu.example.org/rtm', areas: Area.EU }
const ASIA = { url: 'wss://asia.example.org/rtm', areas: Area.AS | Area.JP | Area.IN }
const WORLD = { url: 'wss://world.example.org/rtm', areas: Area.GLOB }
const PLAIN = 'wss://plain.example.org/rtm'
const all = [PLAIN, EU, ASIA, WORLD]

beforeEach(() => {
  vi.spyOn(console, 'error').mockImplementation(() => undefined)
})
afterEach(() => {
  setServiceContext({})
  vi.restoreAllMocks()
})

function circular(): unknown {
  const server: { url?: unknown; areas: Area } = { areas: Area.GLOB }
  server.url = server
  return server
}

/** The servers that a kit gets which is made now. */
function serversOfNextKit(): readonly string[] | undefined {
  const { signaling } = takeServiceContext()
  releaseServiceContext()
  return signaling
}

describe('The ways that links of a kit may go', () => {
  test('are those through TURN servers alone, if that was asked for, and all unless it was', () => {
    const policyOfNextKit = () => {
      const { iceTransportPolicy } = takeServiceContext()
      releaseServiceContext()
      return iceTransportPolicy
    }
    expect(setServiceContext({ signaling: [PLAIN], iceTransportPolicy: 'relay' })).toBe(Code.Ok)
    expect(policyOfNextKit()).toBe('relay')
    expect(setServiceContext({ iceTransportPolicy: 'relay' })).toBe(Code.Ok)
    expect(policyOfNextKit()).toBe('relay')
    expect(setServiceContext({ signaling: [PLAIN] })).toBe(Code.Ok)
    expect(policyOfNextKit()).toBeUndefined()
  })
})

describe('The signaling servers of a kit', () => {
  test.each<[what: string, areaCode: Area | undefined, hosts: string[]]>([
    ['no area', undefined, ['plain', 'eu', 'asia', 'world']],
    ['GLOB', Area.GLOB, ['plain', 'eu', 'asia', 'world']],
    [
      'GLOB with another, which JavaScript makes negative',
      Area.GLOB | Area.EU,
      ['plain', 'eu', 'asia', 'world'],
    ],
    ['Europe', Area.EU, ['eu', 'world', 'plain']],
    ['Japan', Area.JP, ['asia', 'world', 'plain']],
    ['Europe or India', Area.EU | Area.IN, ['eu', 'asia', 'world', 'plain']],
    ['China', Area.CN, ['world', 'plain']],
  ])('for %s are those meant for it, then those without areas', (_, areaCode, hosts) => {
    const context = areaCode === undefined ? { signaling: all } : { signaling: all, areaCode }
    expect(setServiceContext(context)).toBe(Code.Ok)
    expect(serversOfNextKit()).toEqual(hosts.map((host) => `wss://${host}.example.org/rtm`))
  })

  test('that are none for an area are a Failure with a sentence, and the ones before stay', () => {
    setServiceContext({ signaling: [PLAIN] })
    expect(setServiceContext({ signaling: [EU, ASIA], areaCode: Area.NA })).toBe(Code.Failure)
    expect(console.error).toHaveBeenCalledExactlyOnceWith(expect.stringContaining('meant for this areaCode'))
    expect(serversOfNextKit()).toEqual([PLAIN])
  })

  test('may be none at all, or the default, in any area', () => {
    expect(setServiceContext({ signaling: [], areaCode: Area.NA })).toBe(Code.Ok)
    expect(serversOfNextKit()).toEqual([])
    expect(setServiceContext({ areaCode: Area.NA })).toBe(Code.Ok)
    expect(serversOfNextKit()).toBeUndefined()
  })

  test('do not change when the program changes its list afterwards', () => {
    const list = [PLAIN]
    setServiceContext({ signaling: list })
    list.push('wss://later.example.org/rtm')
    expect(serversOfNextKit()).toEqual([PLAIN])
  })

  test('are set with a cloud proxy or without, and stay the same', () => {
    for (const proxyType of [AgoraRtmCloudProxyType.None, AgoraRtmCloudProxyType.Tcp])
      expect(setServiceContext({ signaling: [PLAIN], proxyType })).toBe(Code.Ok)
    expect(serversOfNextKit()).toEqual([PLAIN])
  })

  test.each<[what: string, entry: unknown]>([
    ['a bigint', 1n],
    ['a symbol', Symbol('wss://example.org/rtm')],
    ['a function', () => PLAIN],
    ['an object whose URL is itself', circular()],
  ])('with %s among them are a Failure with a sentence', (_what, entry) => {
    setServiceContext({ signaling: [PLAIN] })
    expect(setServiceContext({ signaling: [entry] } as AgoraRtmServiceContext)).toBe(Code.Failure)
    expect(console.error).toHaveBeenCalledOnce()
    expect(serversOfNextKit()).toEqual([PLAIN])
  })

  test.each<unknown>([
    { areaCode: 0 },
    { areaCode: 1.5 },
    { areaCode: 2 ** 32 },
    { areaCode: Number.NaN },
    { areaCode: 'EU' },
    { areaCode: null },
    { proxyType: 2 },
    { proxyType: '1' },
    { signaling: [{ url: 'wss://example.org/rtm' }] },
    { signaling: [{ url: 'https://example.org/rtm', areas: 1 }] },
    { signaling: [{ url: 'wss://example.org/rtm', areas: 0 }] },
    { signaling: [{ areas: 1 }] },
    { signaling: [null] },
  ])('%j is a Failure with a sentence, and changes nothing', (context) => {
    setServiceContext({ signaling: [PLAIN] })
    expect(setServiceContext(context as AgoraRtmServiceContext)).toBe(Code.Failure)
    expect(console.error).toHaveBeenCalledOnce()
    expect(serversOfNextKit()).toEqual([PLAIN])
  })
})
