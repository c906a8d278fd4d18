import type { IncomingMessage } from 'node:http'
import { BlockList, isIP, isIPv4 } from 'node:net'

/** Names for what is tedious to write down. */
const networksByName: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1/128'],
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'],
}

/** No chain of proxies is longer. What stands before them in the header the client has made up anyway. */
const MAX_HOPS = 16

const loopback = listOf(networksByName['loopback'] ?? [])

/**
 * Where clients come from. What a header says of it counts only as far as proxies have said it that the operator has
 * named: anybody can send any header.
 */
export class ClientAddresses {
  private readonly proxies: BlockList

  /** Throws one sentence about the first entry that is none: an address, a network like `10.0.0.0/8`, or a name. */
  constructor(trustedProxies: readonly string[]) {
    this.proxies = listOf(trustedProxies.flatMap((entry) => networksByName[entry] ?? [entry]))
  }

  /** Under which limits are counted; undefined for this machine itself, and for a proxy on it that nobody has named. */
  keyOf(request: IncomingMessage): string | undefined {
    const address = this.addressOf(request)
    return address === undefined || isLoopback(address) ? undefined : keyOf(address)
  }

  /** Whether this comes by a proxy that the operator has not named, so that all its clients have one address. */
  isByUnknownProxy(request: IncomingMessage): boolean {
    const { headers, socket } = request
    if (headers['x-forwarded-for'] === undefined && headers.forwarded === undefined) return false
    const sender = plain(socket.remoteAddress ?? '')
    return sender !== undefined && !contains(this.proxies, sender)
  }

  private addressOf({ headers, socket }: IncomingMessage): string | undefined {
    let address = plain(socket.remoteAddress ?? '')
    if (address === undefined || !contains(this.proxies, address)) return address
    // Each proxy appends whom it was called by: so the last ones are the most trustworthy.
    const hops = headers['x-forwarded-for'] === undefined ? hopsOf(headers.forwarded) : listed(headers)
    for (const hop of hops.slice(-MAX_HOPS).reverse()) {
      const before = plain(hop)
      if (before === undefined) return address
      address = before
      if (!contains(this.proxies, address)) return address
    }
    return address
  }
}

/** Networks of IPv6 are given out by 64 bits at least: who has one address of them has them all. */
export function keyOf(address: string): string {
  if (isIPv4(address)) return address
  const [head = '', tail = ''] = address.split('::')
  const groups = head === '' ? [] : head.split(':')
  const last = tail === '' ? [] : tail.split(':')
  while (groups.length + last.length < 8) groups.push('0')
  const network = [...groups, ...last].slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16))
  return `${network.join(':')}::/64`
}

function listed(headers: IncomingMessage['headers']): string[] {
  return [headers['x-forwarded-for'] ?? []].flat().flatMap((line) => line.split(','))
}

/** `for=192.0.2.1;proto=https, for="[2001:db8::1]:4711"` (RFC 7239). */
function hopsOf(forwarded: string | undefined): string[] {
  const hops = (forwarded ?? '').split(',')
  return hops.map((hop) => /(?:^|;)\s*for\s*=\s*"?([^";]*)/i.exec(hop)?.[1] ?? '')
}

/** Without brackets, port and zone; IPv4 inside of IPv6 as IPv4. Undefined for what is no address. */
function plain(text: string): string | undefined {
  const trimmed = text.trim()
  const [, bracketed] = /^\[([^\]]*)\](?::\d+)?$/.exec(trimmed) ?? []
  const [, beforePort] = /^(\d+\.\d+\.\d+\.\d+):\d+$/.exec(trimmed) ?? []
  const [address = ''] = (bracketed ?? beforePort ?? trimmed).split('%', 1)
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? []
  const found = mapped ?? address
  return isIP(found) === 0 ? undefined : found
}

function isLoopback(address: string): boolean {
  return isIPv4(address) ? address.startsWith('127.') : contains(loopback, address)
}

function contains(list: BlockList, address: string): boolean {
  return list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')
}

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [, address = '', bits] = /^([0-9a-f.:]+)(?:\/(\d{1,3}))?$/i.exec(network) ?? []
    const isWrong = isIP(address) === 0 || Number(bits ?? 0) > (isIPv4(address) ? 32 : 128)
    if (isWrong) {
      const names = Object.keys(networksByName).join(' or ')
      throw new TypeError(
        `The proxy ${JSON.stringify(network)} must be an address, a network like 10.0.0.0/8, or ${names}`,
      )
    }
    const type = isIPv4(address) ? 'ipv4' : 'ipv6'
    if (bits === undefined) list.addAddress(address, type)
    else list.addSubnet(address, Number(bits), type)
  }
  return list
}
