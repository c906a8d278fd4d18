import { describe, expect, test } from 'vitest'

import { type Bytes, fromHex, toHex } from '../../src/base/bytes.ts'
import { encodeBytes } from '../../src/protocol/codec.ts'
import {
  type Credential,
  encodeCredential,
  openCredential,
  sealCredential,
} from '../../src/protocol/credential.ts'
import {
  decodePacket,
  type Frame,
  writeAck,
  writeChannel,
  writeChannelAnswer,
  writeCredential,
  writeGoodbye,
  writeHello,
  writeHold,
  writeItem,
  writeNeighbour,
  writeRelay,
} from '../../src/protocol/frames.ts'
import { decodeItem, encodeItem } from '../../src/protocol/items.ts'
import { decodeLinkSignal, encodeLinkSignal, type LinkSignal } from '../../src/protocol/link-signals.ts'
import { encodeNotice, openNotice, sealNotice } from '../../src/protocol/notice.ts'
import { decodeTabSignal, encodeTabSignal } from '../../src/protocol/tab-signals.ts'
import { decodeClientMessage } from '../../src/protocol/client-messages.ts'
import { decodeServerMessage } from '../../src/protocol/server-messages.ts'
import {
  credentials,
  items,
  notices,
  packets,
  plain,
  serverMessages,
  signals,
  tabSignals,
} from './samples.ts'

function encodePacket(frames: readonly Frame[]): Bytes {
  return encodeBytes((packet) => {
    for (const frame of frames) {
      if (frame.type === 'hello') writeHello(packet, frame.received)
      else if (frame.type === 'item') writeItem(packet, frame.at, frame.item)
      else if (frame.type === 'ack') writeAck(packet, frame.received)
      else if (frame.type === 'hold') writeHold(packet, frame.isHeld)
      else if (frame.type === 'channel') writeChannel(packet, frame.number, frame.label)
      else if (frame.type === 'channel-answer')
        writeChannelAnswer(packet, frame.number, frame.isAccepted, frame.answer)
      else if (frame.type === 'credential') writeCredential(packet, frame.credential)
      else if (frame.type === 'neighbour') writeNeighbour(packet, frame.message)
      else if (frame.type === 'relay') writeRelay(packet, frame.message)
      else writeGoodbye(packet)
    }
  })
}

describe('What version 1 said is read and written as it was recorded', () => {
  test.each(packets)('packet: $what', ({ bytes, hex, says }) => {
    const frames = decodePacket(bytes)
    expect(plain(frames)).toEqual(says)
    expect(frames && toHex(encodePacket(frames))).toBe(hex)
  })

  test.each(items)('item: $what', ({ bytes, hex, says }) => {
    const item = decodeItem(bytes)
    expect(plain(item)).toEqual(says)
    expect(item && toHex(encodeItem(item))).toBe(hex)
  })

  test.each(credentials)('credential: $what', ({ text, says }) => {
    const opened = openCredential(text)
    expect(plain(opened)).toEqual(says)
    expect(opened && sealCredential(encodeCredential(opened.credential), opened.signature)).toBe(text)
  })

  test.each(notices)('notice: $what', ({ text, says }) => {
    const opened = openNotice(text)
    expect(plain(opened)).toEqual(says)
    expect(opened && sealNotice(encodeNotice(opened.notice), opened.signature)).toBe(text)
  })

  test.each(signals)('link signal: $what', ({ text, says }) => {
    const signal = decodeLinkSignal(text)
    expect(signal).toEqual(says)
    expect(JSON.parse(encodeLinkSignal(signal as LinkSignal))).toEqual(JSON.parse(text))
  })

  test.each(tabSignals)('signal of a tab: $what', ({ text, says }) => {
    const signal = decodeTabSignal(text)
    expect(signal).toEqual(says)
    expect(signal && encodeTabSignal(signal)).toBe(text)
  })

  test.each(serverMessages)('signaling, $what', ({ what, text, says }) => {
    const decode = what.startsWith('client') ? decodeClientMessage : decodeServerMessage
    expect(decode(text)).toEqual(says)
  })
})

describe('What a later minor version may say', () => {
  test('frames of an unknown type are skipped, those around them are read', () => {
    const known = packets.find(({ what }) => what === 'an acknowledgement')?.hex ?? ''
    const unknown = '6303aabbcc'
    const frames = decodePacket(fromHex(`${unknown}${known}${unknown}${known}`) ?? new Uint8Array())
    expect(frames?.map(({ type }) => type)).toEqual(['ack', 'ack'])
  })

  test('a hello with more fields than are known', () => {
    const frames = decodePacket(fromHex('0106010700020102') ?? new Uint8Array())
    expect(frames).toEqual([{ type: 'hello', version: 1, features: 7, received: { stream: 0, number: 2 } }])
  })

  describe('an item that follows another in a packet says how much of that one it repeats', () => {
    // Stream 1, number 5: 01 02 03 04. Then: the first three of these, and 09. Then: none of these, and 07.
    const packet = '02060105010203040b0203090b020007'
    const read = (hex: string) => decodePacket(fromHex(hex) ?? new Uint8Array())

    test('and is read as a whole', () => {
      const at = (number: number) => ({ stream: 1, number })
      const wanted = ['01020304', '01020309', '07'].map((hex, index) => [hex, at(5 + index)])
      const found = read(packet)?.map((frame) => frame.type === 'item' && [toHex(frame.item), frame.at])
      expect(found).toEqual(wanted)
    })

    test('as long as there is one', () => {
      expect(read('0b020007')).toBeUndefined()
    })

    test('and no more of it than there is', () => {
      expect(read('02060105010203040b0104')).toHaveLength(2)
      expect(read('02060105010203040b0105')).toBeUndefined()
    })

    test('and not so much that a small packet becomes a large one', () => {
      const item = `0266${'0105'}${'00'.repeat(100)}`
      expect(read(`${item}0b0150`)).toHaveLength(2)
      expect(read(`${item}0b0151`)).toBeUndefined()
    })

    test('and no number beyond those that can be counted', () => {
      const last = encodeBytes((encoder) =>
        writeItem(encoder, { stream: 1, number: Number.MAX_SAFE_INTEGER }, new Uint8Array([1])),
      )
      expect(read(`${toHex(last)}0b020007`)).toBeUndefined()
    })
  })

  test('an item of an unknown kind is no item of this version', () => {
    expect(decodeItem(new Uint8Array([99, 1, 2, 3]))).toBeUndefined()
  })

  test('signals and messages with more fields than are known', () => {
    for (const { text, says } of signals)
      expect(decodeLinkSignal(JSON.stringify({ ...(JSON.parse(text) as object), later: 1 }))).toEqual(says)
    for (const { text, says } of tabSignals)
      expect(decodeTabSignal(JSON.stringify({ ...(JSON.parse(text) as object), later: 1 }))).toEqual(says)
  })
})

describe('What another major version says', () => {
  test.each(['offer', 'answer', 'knock'])('is recognised in its %s, whatever else is in it', (type) => {
    const text = JSON.stringify({ type, version: 2, epoch: 7, shape: { of: ['the', 'future'] } })
    expect(decodeLinkSignal(text)).toEqual({ type: 'foreign', version: 2, epoch: 7 })
  })

  test('is no credential of this one', () => {
    const opened = openCredential(credentials[0]?.text ?? '')
    const body = opened?.body.slice() ?? new Uint8Array()
    expect(body[0]).toBe(1)
    body[0] = 2
    expect(openCredential(sealCredential(body, opened?.signature ?? new Uint8Array()))).toBeUndefined()
  })
})

describe('A credential', () => {
  const opened = openCredential(credentials[0]?.text ?? '')
  const refused = (change: Partial<Credential>): unknown =>
    opened &&
    openCredential(sealCredential(encodeCredential({ ...opened.credential, ...change }), opened.signature))

  test('with ids that are not well-formed is none', () => {
    expect(refused({})).toBeDefined()
    for (const userId of ['', 'null', 'a'.repeat(65), 'é'])
      expect(refused({ userId } as unknown as Partial<Credential>)).toBeUndefined()
    expect(refused({ appId: 'short' } as unknown as Partial<Credential>)).toBeUndefined()
  })

  test('with anything behind its last field is none', () => {
    const body = new Uint8Array([...(opened?.body ?? []), 0])
    expect(openCredential(sealCredential(body, opened?.signature ?? new Uint8Array()))).toBeUndefined()
  })
})
