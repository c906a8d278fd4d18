import type { IncomingMessage } from 'node:http'

import { describe, expect, it } from 'vitest'

import { ClientAddresses, keyOf } from '../../signaling/client-address.ts'

function request(remoteAddress: string | undefined, headers: Record<string, string> = {}): IncomingMessage {
  return { headers, socket: { remoteAddress } } as unknown as IncomingMessage
}

const forwardedFor = (text: string): Record<string, string> => ({ 'x-forwarded-for': text })

describe('the address of a client', () => {
  it('is that of its socket, whatever headers say', () => {
    const addresses = new ClientAddresses([])
    expect(addresses.keyOf(request('192.0.2.1', forwardedFor('198.51.100.7')))).toBe('192.0.2.1')
    expect(addresses.keyOf(request('192.0.2.1', { forwarded: 'for=198.51.100.7' }))).toBe('192.0.2.1')
    expect(addresses.keyOf(request('::ffff:192.0.2.1'))).toBe('192.0.2.1')
  })

  it('is not counted where it is this machine itself, or where there is none', () => {
    const addresses = new ClientAddresses([])
    for (const own of ['127.0.0.1', '127.8.8.8', '::1', '::ffff:127.0.0.1', undefined]) {
      expect(addresses.keyOf(request(own)), own).toBeUndefined()
    }
  })

  it('is what a trusted proxy says that it is', () => {
    const addresses = new ClientAddresses(['loopback', '10.0.0.0/8', '2001:db8:1::7'])
    for (const proxy of ['127.0.0.1', '::1', '10.1.2.3', '::ffff:10.1.2.3', '2001:db8:1::7']) {
      expect(addresses.keyOf(request(proxy, forwardedFor('198.51.100.7'))), proxy).toBe('198.51.100.7')
    }
    expect(addresses.keyOf(request('11.0.0.1', forwardedFor('198.51.100.7')))).toBe('11.0.0.1')
  })

  it('is the last one that no trusted proxy has: what stands before it the client has written', () => {
    const addresses = new ClientAddresses(['private'])
    const forged = forwardedFor('1.2.3.4, nonsense, 198.51.100.7, 10.0.0.2')
    expect(addresses.keyOf(request('192.168.1.1', forged))).toBe('198.51.100.7')
  })

  it('is the last good one where a proxy passes nonsense on', () => {
    const addresses = new ClientAddresses(['private'])
    for (const nonsense of ['', 'unknown', '1.2.3', '<script>', 'x'.repeat(9_000), ',,,,']) {
      expect(addresses.keyOf(request('10.0.0.2', forwardedFor(nonsense)))).toBe('10.0.0.2')
    }
    expect(addresses.keyOf(request('10.0.0.2', forwardedFor('evil, 10.0.0.3')))).toBe('10.0.0.3')
  })

  it('is found in a chain of any length in no time', () => {
    const addresses = new ClientAddresses(['private'])
    const chain = Array<string>(2_000).fill('10.0.0.1').join(',')
    expect(addresses.keyOf(request('10.0.0.2', forwardedFor(chain)))).toBe('10.0.0.1')
  })

  it('is understood with ports, brackets and zones, and in the header of RFC 7239', () => {
    const addresses = new ClientAddresses(['loopback'])
    const keys = ['198.51.100.7:4711', '[2001:db8:5:6::7]:4711', '[2001:db8:5:6::8]', '2001:db8:5:6::9%eth0']
    const network = '2001:db8:5:6::/64'
    expect(keys.map((key) => addresses.keyOf(request('::1', forwardedFor(key))))).toEqual([
      '198.51.100.7',
      network,
      network,
      network,
    ])
    const forwarded = 'for=1.2.3.4, by=10.0.0.1;For="[2001:db8:5:6:f::1]:47";proto=https'
    expect(addresses.keyOf(request('::1', { forwarded }))).toBe(network)
    // Proxies that know only one of them pass the other on as it came.
    const both = { forwarded, ...forwardedFor('198.51.100.7') }
    expect(addresses.keyOf(request('::1', both))).toBe('198.51.100.7')
  })
})

it('addresses of IPv6 are counted by their network of 64 bits, however they are written', () => {
  expect(keyOf('2001:0DB8:0:1:2:3:4:5')).toBe('2001:db8:0:1::/64')
  expect(keyOf('2001:db8:0:1::')).toBe('2001:db8:0:1::/64')
  expect(keyOf('2001:db8::1:0:0:0:5')).toBe('2001:db8:0:1::/64')
  expect(keyOf('2001:db8::5')).toBe('2001:db8:0:0::/64')
  expect(keyOf('::2')).toBe('0:0:0:0::/64')
  expect(keyOf('64:ff9b::192.0.2.1')).toBe('64:ff9b:0:0::/64')
  expect(keyOf('192.0.2.1')).toBe('192.0.2.1')
})

it('a proxy that nobody has named is noticed', () => {
  const addresses = new ClientAddresses(['10.0.0.0/8'])
  expect(addresses.isByUnknownProxy(request('127.0.0.1', forwardedFor('198.51.100.7')))).toBe(true)
  expect(addresses.isByUnknownProxy(request('10.0.0.1', forwardedFor('198.51.100.7')))).toBe(false)
  expect(addresses.isByUnknownProxy(request('127.0.0.1'))).toBe(false)
})

it.each(['', 'localhost', '10.0.0.0/33', '::/129', '10.0.0', '10.0.0.0/8/8', '300.1.1.1', 'example.com'])(
  'the proxy %j is refused with a sentence',
  (entry) => {
    expect(() => new ClientAddresses([entry])).toThrow(/must be an address, a network like/)
  },
)
