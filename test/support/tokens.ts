import { createRequire } from 'node:module'

import type * as access from 'agora-access-token'
import builder006 from 'agora-access-token/src/AccessToken.js'
import type * as access2 from 'agora-token'
import builder007 from 'agora-token/src/AccessToken2.js'

const require = createRequire(import.meta.url)

// Node finds no names to import in these packages.
export const { RtmTokenBuilder: Builder006, RtmRole } = require('agora-access-token') as typeof access
export const { RtmTokenBuilder: Builder007 } = require('agora-token') as typeof access2

/** An app whose logins need a token, as far as builders are concerned. */
export const CERTIFICATE = '5CFd2fd1755d40ecb72977518be15d3b'

export const RTM_LOGIN_006 = 1000
export const LOGIN_007 = 1

const DAY_S = 86_400

interface Subject {
  readonly appId: string
  readonly userId: string
  readonly certificate?: string
}

/** By the published builder; good from now on for a day. */
export function token006(
  { appId, userId, certificate = CERTIFICATE }: Subject,
  nowMs: number,
  { privilege = RTM_LOGIN_006, uid = '' }: { privilege?: number; uid?: string } = {},
): string {
  const token = new builder006.AccessToken(appId, certificate, userId, uid)
  token.ts = Math.floor(nowMs / 1_000) + DAY_S
  token.addPriviledge(privilege, 0)
  return token.build()
}

/** By the published builder; good from now on for so long. */
export function token007(
  { appId, userId, certificate = CERTIFICATE }: Subject,
  nowMs: number,
  expireS: number,
  { privilege = LOGIN_007, privilegeS = expireS }: { privilege?: number; privilegeS?: number } = {},
): string {
  const token = new builder007.AccessToken2(appId, certificate, Math.floor(nowMs / 1_000), expireS)
  const service = new builder007.ServiceRtm(userId)
  service.add_privilege(privilege, privilegeS)
  token.add_service(service)
  return token.build()
}

export { builder007 }
