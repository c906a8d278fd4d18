import { onTestFinished } from 'vitest'

import type { Bytes } from '../../src/base/bytes.ts'
import type { ChannelId, SessionId, UserId } from '../../src/base/ids.ts'
import { Trust } from '../../src/mesh/trust.ts'
import { encodeNeighbourMessage, type NeighbourMessage } from '../../src/protocol/neighbour-messages.ts'
import type { Member, Peer } from '../../src/protocol/peer.ts'
import { Neighbours } from '../../src/rendezvous/neighbours.ts'
import type { Announcement } from '../../src/rendezvous/rendezvous.ts'
import { APP } from '../support/credentials.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { MemoryIssuer } from '../support/memory-issuer.ts'
import { noLog } from '../support/no-log.ts'
import { nodeCrypto } from '../support/node-crypto.ts'
import { pass } from '../support/pass-time.ts'
import { provableIdentity } from '../support/provable-identity.ts'
import { seededRandom } from '../support/random.ts'
import { Participant } from './participant.ts'

const DELAY_MS = 5

/** Somebody with links to others, and what it does about them. */
export class Villager extends Participant<Neighbours> {
  readonly near = new Map<SessionId, Villager>()
  readonly members = new Map<ChannelId, readonly Member[]>()
  /** What others told it, by kind. */
  readonly heard: string[] = []
  verifications = 0
  /** False: it reads nothing. */
  isListening = true
  credential = ''
  loginTime = 0

  get self(): Peer {
    const { userId, sessionId } = this.announcement
    return { userId, sessionId, loginTime: this.loginTime }
  }

  get id(): SessionId {
    return this.announcement.sessionId
  }

  member(incarnation = 1): Member {
    return { ...this.self, incarnation }
  }
}

/** Sessions of one server that is away, linked as a test wants. */
export function setup() {
  const clock = new ManualClock()
  const crypto = nodeCrypto(seededRandom(1))
  const issuer = new MemoryIssuer('secret')
  const everybody: Villager[] = []

  function villager(user: string, { isLocal = false, by = issuer } = {}): Villager {
    const { sessionId, fingerprint, signingKey, agreementKey } = provableIdentity(everybody.length + 1)
    const announcement: Announcement = {
      appId: APP,
      userId: user as UserId,
      token: null,
      sessionId,
      fingerprint,
      signingKey,
      agreementKey,
    }
    const trust = new Trust(APP, crypto, clock)
    void trust.addServerKeys([issuer.publicKey])
    const one: Villager = new Villager(announcement, (_, events) => {
      const neighbourhood = {
        get near() {
          return [...one.near.values()].map(({ self }) => self)
        },
        credentialOf: (id: SessionId) => one.near.get(id)?.credential || undefined,
        tell: (to: SessionId, message: Bytes) => tell(one, to, message),
        verify: (credential: string) => {
          one.verifications += 1
          return trust.introduce(credential)
        },
        members: (channelId: ChannelId) => one.members.get(channelId) ?? [],
        userOf: (id: SessionId) => everybody.find((other) => other.id === id)?.announcement.userId,
      }
      return new Neighbours({ clock, log: noLog, neighbourhood }, events)
    })
    everybody.push(one)
    one.loginTime = clock.now() + everybody.length
    if (!isLocal) {
      one.credential = by.issue(announcement, one.loginTime, clock.now())
      one.rendezvous.show(one.self, one.credential)
      one.rendezvous.standIn()
    }
    return one
  }

  function tell(from: Villager, to: SessionId, message: Bytes): boolean {
    const other = from.near.get(to)
    if (!other) return false
    clock.after(DELAY_MS, () => {
      if (other.isListening && other.near.has(from.id)) other.rendezvous.heard(from.self, message)
    })
    return true
  }

  const world = {
    clock,
    issuer,
    villager,
    pass: (ms: number) => pass(clock, ms),
    link(...all: Villager[]) {
      for (const [i, one] of all.entries()) {
        for (const other of all.slice(i + 1)) {
          one.near.set(other.id, other)
          other.near.set(one.id, one)
          one.rendezvous.linked(other.self)
          other.rendezvous.linked(one.self)
        }
      }
    },
    cut(a: Villager, b: Villager) {
      a.near.delete(b.id)
      b.near.delete(a.id)
      a.rendezvous.unlinked(b.self)
      b.rendezvous.unlinked(a.self)
    },
    /** Whatever somebody says who keeps to no rules. */
    say(from: Villager, to: Villager, message: NeighbourMessage) {
      tell(from, to.id, encodeNeighbourMessage(message))
    },
    /** What is found by then. */
    async after<T>(ms: number, question: Promise<T>): Promise<T | 'no answer'> {
      let answer: T | 'no answer' = 'no answer'
      void question.then((value) => (answer = value))
      await pass(clock, ms)
      return answer
    },
  }
  onTestFinished(async () => {
    for (const { rendezvous } of everybody) rendezvous.goodbye()
    await world.pass(100)
    if (clock.pending > 0) throw new Error(`${clock.pending} timers are left`)
  })
  return world
}
