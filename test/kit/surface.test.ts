import { describe, expect, test } from 'vitest'

import * as kit from '../../src/index.ts'
import surface from './fixtures/surface.json' with { type: 'json' }

/** What this release promises; the others follow. */
const METHODS = [
  'AgoraRtmKit.static initWithAppId',
  'AgoraRtmKit.static setRtmServiceContext',
  'AgoraRtmKit.static getSDKVersion',
  'AgoraRtmKit.loginByToken',
  'AgoraRtmKit.logoutWithCompletion',
  'AgoraRtmMessage.static initWithText',
  'AgoraRtmRawMessage.static initWithRawData',
  'AgoraRtmKit.sendMessage',
  'AgoraRtmKit.queryPeersOnlineStatus',
  'AgoraRtmKit.subscribePeersOnlineStatus',
  'AgoraRtmKit.unsubscribePeersOnlineStatus',
  'AgoraRtmKit.queryPeersBySubscriptionOption',
  'AgoraRtmKit.getChannelMemberCount',
  'AgoraRtmKit.setLocalUserAttributes',
  'AgoraRtmKit.addOrUpdateLocalUserAttributes',
  'AgoraRtmKit.deleteLocalUserAttributesByKeys',
  'AgoraRtmKit.clearLocalUserAttributes',
  'AgoraRtmKit.getUserAttributes',
  'AgoraRtmKit.getUserAttributesByKeys',
  'AgoraRtmKit.setChannelAttributes',
  'AgoraRtmKit.addOrUpdateChannelAttributes',
  'AgoraRtmKit.deleteChannelAttributesByKeys',
  'AgoraRtmKit.clearChannelAttributes',
  'AgoraRtmKit.getChannelAttributes',
  'AgoraRtmKit.getChannelAttributesByKeys',
  'AgoraRtmKit.createChannelWithId',
  'AgoraRtmKit.destroyChannelWithId',
  'AgoraRtmKit.setParameters',
  'AgoraRtmChannel.joinWithCompletion',
  'AgoraRtmChannel.leaveWithCompletion',
  'AgoraRtmChannel.sendMessage',
  'AgoraRtmChannel.getMembersWithCompletion',
]

const exported: Readonly<Record<string, unknown>> = kit

function methodOf(owner: string, name: string): unknown {
  const type = exported[owner]
  if (typeof type !== 'function') return undefined
  const [, staticName] = /^static (.*)$/.exec(name) ?? []
  const holder: unknown = staticName === undefined ? type.prototype : type
  return Reflect.get(holder as object, staticName ?? name)
}

describe('The surface of the API page', () => {
  test('has 24 enums', () => {
    expect(Object.keys(surface.enums)).toHaveLength(24)
  })

  test.each(Object.entries(surface.enums))(
    '%s has the names and numbers of the page, and no others',
    (name, members) => {
      const numbers = Object.fromEntries(
        Object.entries(exported[name] as Record<string, unknown>).filter(
          ([, value]) => typeof value === 'number',
        ),
      )
      const expected = Object.fromEntries(
        Object.entries(members as Record<string, { value: number }>).map(([member, { value }]) => [
          member,
          value,
        ]),
      )
      expect(numbers).toEqual(expected)
    },
  )

  test.each(METHODS)('%s exists under that name', (method) => {
    const [owner = '', name = ''] = method.split('.')
    expect(surface.methods.some((one) => one.owner === owner && one.name === name)).toBe(true)
    expect(methodOf(owner, name)).toBeTypeOf('function')
  })

  test('is met by whatever else exists under one of its names', () => {
    for (const { owner, name } of surface.methods) {
      const method = methodOf(owner, name)
      expect(method === undefined || typeof method === 'function', `${owner}.${name}`).toBe(true)
    }
  })
})
