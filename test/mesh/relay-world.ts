import { expect, onTestFinished } from 'vitest'

import { utf8 } from '../../src/base/bytes.ts'
import type { AgreementKey } from '../../src/base/crypto.ts'
import type { Linker, LinkerEvents } from '../../src/mesh/linker.ts'
import type { RelayLinker } from '../../src/mesh/relay-linker.ts'
import type { Peer } from '../../src/protocol/peer.ts'
import {
  decodeRelayMessage,
  decodeRelayPayload,
  encodeRelayMessage,
  encodeRelayPayload,
  type RelayMessage,
  type RelayPayload,
} from '../../src/protocol/relay-messages.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { pass } from '../support/pass-time.ts'
import { type Hop, RelayNet } from '../support/relay-net.ts'
import { LinkSide } from './link-side.ts'
import { peerOf } from './setup.ts'

export const [alice, bob, carol, dave] = [peerOf('alice'), peerOf('bob'), peerOf('carol'), peerOf('dave')]

export type RelayWorld = Awaited<ReturnType<typeof setup>>

/** Alice, who offers, and bob, who are linked to carol and dave and not to each other. */
export async function setup(relays: readonly Peer[] = [carol, dave]) {
  const clock = new ManualClock()
  const net = new RelayNet(clock)
  const keys = new Map<Peer, AgreementKey>()
  for (const peer of [alice, bob, ...relays]) keys.set(peer, await net.add(peer))
  const side = (self: Peer, other: Peer) =>
    new LinkSide(
      self,
      other,
      (events) => asLinker(net.linker(self, events)),
      () => undefined,
    )
  const [lower, higher] = [side(alice, bob), side(bob, alice)]
  const servers = relays.map((relay) => side(relay, alice))
  for (const relay of relays) for (const peer of [alice, bob]) net.connect(peer, relay)
  const world = {
    clock,
    net,
    keys,
    lower,
    higher,
    pass: (ms: number) => pass(clock, ms),
    /** Both have a link; carol passes on if she is one of the relays. */
    async linked() {
      lower.linker.open(bob, false)
      await world.pass(50)
      expect(lower.heard).toEqual(['1 opened'])
      expect(higher.heard).toEqual(['1 opened'])
      for (const { heard } of [lower, higher]) heard.length = 0
    },
    async via(): Promise<Peer> {
      const { via } = await lower.link.describe()
      return via === 'dave' ? dave : carol
    },
    /** What bob has received, in words. */
    words: () => higher.packets.map((packet) => new TextDecoder().decode(packet)),
  }
  onTestFinished(async () => {
    for (const { links, linker } of [lower, higher, ...servers]) {
      for (const link of links) link.close()
      linker.close()
    }
    await world.pass(11_000)
    expect(clock.pending).toBe(0)
  })
  return world
}

/** What the relays do with what they pass on: `change` is asked for each payload with its place among them. */
export function onTheWay(
  net: RelayNet,
  change: (payload: RelayPayload, place: number, hop: Hop) => readonly RelayPayload[],
): void {
  let place = 0
  net.tamper = (hop) => {
    const message = decodeRelayMessage(hop.message)
    const payload = message?.kind === 'passed' ? decodeRelayPayload(message.payload) : undefined
    if (message?.kind !== 'passed' || !payload) return [hop.message]
    return change(payload, place++, hop).map((one) => passed(message.from, one))
  }
}

export function passed(from: Peer['sessionId'], payload: RelayPayload) {
  return encodeRelayMessage({ kind: 'passed', from, payload: encodeRelayPayload(payload) })
}

/** What was said between these two, decoded. */
export function said(net: RelayNet, from: Peer, to: Peer): RelayMessage[] {
  return net.hops
    .filter((hop) => hop.from === from && hop.to === to)
    .map(({ message }) => decodeRelayMessage(message))
    .filter((message) => message !== undefined)
}

export function send(side: LinkSide, ...words: string[]): void {
  for (const word of words) side.link.send(utf8(word))
}

/** The part of it that a link side asks for. */
export function asLinker(linker: RelayLinker): Linker {
  const nothing = (): void => undefined
  return Object.assign(linker, { connectionCount: 0, receive: nothing, undeliverable: nothing })
}

export type { LinkerEvents }
