import { toHex } from '../../src/base/bytes.ts'
import { portableCrypto } from '../../src/base/crypto-portable.ts'
import type { SessionId, UserId } from '../../src/base/ids.ts'
import { APP } from '../support/credentials.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { MemoryRealm } from '../support/memory-realm.ts'
import { MemoryRendezvous } from '../support/memory-rendezvous.ts'
import { pass } from '../support/pass-time.ts'
import { rendezvousContract } from './contract.ts'
import { Participant, type ServedMeeting } from './participant.ts'
import { servedRendezvousContract } from './served-contract.ts'

function memoryMeeting(): Promise<ServedMeeting> {
  const clock = new ManualClock()
  const realm = new MemoryRealm(clock)
  const participants: Participant[] = []
  const inMemory = ({ rendezvous }: Participant): MemoryRendezvous => {
    if (!(rendezvous instanceof MemoryRendezvous)) throw new Error('not in memory')
    return rendezvous
  }
  const settle = () => pass(clock, 4 * realm.delayMs)
  return Promise.resolve({
    async arrive(user) {
      const [signingKey, agreementKey] = [
        await portableCrypto.generateSigningKey(),
        await portableCrypto.generateAgreementKey(),
      ]
      const fingerprint = portableCrypto.randomBytes(32)
      const announcement = {
        appId: APP,
        userId: user as UserId,
        token: null,
        sessionId: toHex(fingerprint.subarray(0, 16)) as SessionId,
        fingerprint,
        signingKey,
        agreementKey,
      }
      const participant = new Participant(
        announcement,
        (who, events) => new MemoryRendezvous(realm, who, events),
      )
      participants.push(participant)
      await settle()
      return participant
    },
    settle,
    pass: (ms) => pass(clock, ms),
    async breakConnection(participant) {
      inMemory(participant).lose()
      await settle()
    },
    async crash(participant) {
      inMemory(participant).crash()
      await settle()
    },
    async forgetEverybody() {
      realm.stop()
      await settle()
      realm.start()
    },
    kick: (user) => realm.end(user, 'kicked'),
    async close() {
      for (const { rendezvous } of participants) rendezvous.goodbye()
      await pass(clock, 31_000)
      if (clock.pending > 0) throw new Error(`${clock.pending} timers are left`)
      if (realm.visitors.size > 0) throw new Error(`${realm.visitors.size} visitors are left`)
    },
  })
}

rendezvousContract('In memory', memoryMeeting)
servedRendezvousContract('In memory', memoryMeeting)
