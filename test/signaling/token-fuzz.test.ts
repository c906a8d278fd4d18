import { deflateSync, inflateSync } from 'node:zlib'

import { describe, expect, it } from 'vitest'

import type { AppId, UserId } from '../../src/base/ids.ts'
import { tokenCheckFor } from '../../signaling/token-check.ts'
import { seededRandom } from '../support/random.ts'
import { CERTIFICATE, token006, token007 } from '../support/tokens.ts'
import { vary, varyText } from '../support/vary.ts'

const MUTATIONS = 100_000
const NOW = Date.UTC(2025, 0, 1)
const apps = ['a', 'b'].map((letter) => letter.repeat(32) as AppId)
const users = ['alice', 'bob', 'a'.repeat(64)] as UserId[]

const check = tokenCheckFor(Object.fromEntries(apps.map((appId) => [appId, { certificate: CERTIFICATE }])), {
  now: () => NOW,
  after: () => () => undefined,
})

const good = apps.flatMap((appId) =>
  users.flatMap((userId) => [
    { appId, userId, token: token006({ appId, userId }, NOW) },
    { appId, userId, token: token007({ appId, userId }, NOW, 600) },
  ]),
)

const goodContents = good.map(({ appId, userId, token }) => ({ appId, userId, content: contentOf(token) }))

/** What is signed and how, whatever the text looks like around it. */
function contentOf(token: string): Buffer | undefined {
  if (token.startsWith('006')) return Buffer.from(token)
  try {
    return inflateSync(Buffer.from(token.slice(3), 'base64'))
  } catch {
    // Not a 007 token either.
    return undefined
  }
}

function withContent(token: string, change: (content: Uint8Array) => Uint8Array): string {
  if (token.startsWith('007')) {
    const content = inflateSync(Buffer.from(token.slice(3), 'base64'))
    return `007${deflateSync(change(content)).toString('base64')}`
  }
  const content = Buffer.from(token.slice(35), 'base64')
  return token.slice(0, 35) + Buffer.from(change(content)).toString('base64')
}

function oneBitFlipped(bytes: Uint8Array, random: () => number): Uint8Array {
  const copy = Uint8Array.from(bytes)
  const at = Math.floor(random() * copy.byteLength)
  copy[at] = (copy[at] ?? 0) ^ (1 << Math.floor(random() * 8))
  return copy
}

describe('of 100,000 mutations of good tokens', () => {
  it('none is accepted', () => {
    const random = seededRandom(2026)
    const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T
    const tally = { refused: 0, unchanged: 0 }
    for (let i = 0; i < MUTATIONS; i++) {
      const { appId, userId, token } = pick(good)
      const other = pick(good)
      const asked = { appId, userId, token }
      switch (i % 6) {
        case 0:
          asked.token = varyText(token, random)
          break
        case 1:
          asked.token = withContent(token, (content) => vary(content, random))
          break
        case 2:
          asked.token = withContent(token, (content) => oneBitFlipped(content, random))
          break
        case 3:
          Object.assign(asked, { appId: other.appId, userId: other.userId })
          break
        case 4: {
          const at = Math.floor(random() * token.length)
          asked.token = token.slice(0, at) + other.token.slice(at)
          break
        }
        default:
          asked.token = withContent(token, (content) => {
            const at = Math.floor(random() * content.byteLength)
            const theirs = contentOf(other.token) ?? content
            return Buffer.concat([content.subarray(0, at), theirs.subarray(at)])
          })
      }
      const content = contentOf(asked.token)
      const isSame =
        content !== undefined &&
        goodContents.some(
          (one) =>
            one.appId === asked.appId && one.userId === asked.userId && one.content?.equals(content) === true,
        )
      if (isSame) {
        tally.unchanged += 1
        continue
      }
      const verdict = check(asked.appId, asked.userId, asked.token)
      if (verdict.ok) throw new Error(`mutation ${i} was accepted: ${asked.token} as ${asked.userId}`)
      expect(verdict.reason).toBe('invalid-token')
      tally.refused += 1
    }
    for (const { appId, userId, token } of good) expect(check(appId, userId, token).ok).toBe(true)
    // Few mutations change nothing, or make another good token of the same user.
    expect(tally.refused).toBeGreaterThan(0.9 * MUTATIONS)
  })
})
