import { expect, test } from 'vitest'

import AgoraRTM, * as named from '../../src/web.ts'
import { documentedCodes } from './documented-codes.ts'

// Programs import the official package as a default, as a namespace, by names, or have it as a global: it is the same
// object in all of these, and some tools keep the import of a type.

/** The names that the official declarations export as types, of which a tool may keep the import. */
const TYPE_NAMES = [
  'LocalInvitation',
  'RemoteInvitation',
  'RtmChannel',
  'RtmClient',
  'RtmEvents',
  'RtmMessage',
  'RtmRawMessage',
  'RtmStatusCode',
  'RtmTextMessage',
]

test('everything that the default export has can be imported by its name as well', () => {
  const all: Record<string, unknown> = named
  for (const [name, value] of Object.entries(AgoraRTM)) expect(all[name], name).toBe(value)
})

test('each type that the official package exports is there as a name to import', () => {
  expect(Object.keys(named)).toEqual(expect.arrayContaining(TYPE_NAMES))
})

test('each error code has the number of the reference', () => {
  expect(AgoraRTM.RtmErrorCode).toMatchObject(documentedCodes)
  const counted = Object.values(documentedCodes).flatMap((codes) => Object.keys(codes))
  expect(counted.length).toBe(88)
})

test('each state and reason is a text equal to its own name', () => {
  for (const [name, members] of Object.entries(AgoraRTM.RtmStatusCode)) {
    for (const [member, value] of Object.entries(members)) expect(value, name).toBe(member)
  }
})

test('nothing that it has is frozen, as programs put things of their own on it', () => {
  const client = AgoraRTM.createInstance('a'.repeat(32))
  const channel = client.createChannel('room')
  for (const object of [AgoraRTM, client, channel, client.createLocalInvitation('bob')]) {
    expect(Object.isExtensible(object)).toBe(true)
    for (const [name, { writable, configurable }] of Object.entries(Object.getOwnPropertyDescriptors(object)))
      expect([name, writable, configurable]).toEqual([name, true, true])
  }
  client.destroy()
})
