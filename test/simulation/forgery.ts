import type { Announcement } from '../../src/rendezvous/rendezvous.ts'
import { encodeNeighbourMessage } from '../../src/protocol/neighbour-messages.ts'
import { openCredential, sealCredential } from '../../src/protocol/credential.ts'
import type { UserId } from '../../src/base/ids.ts'
import { APP } from '../support/credentials.ts'
import { seededCrypto } from '../support/seeded-crypto.ts'
import { seededIdentity, SeededIssuer } from '../support/seeded-issuer.ts'
import type { Dice } from './dice.ts'
import type { SimulatedPage } from './page.ts'
import type { World } from './world.ts'

/** Of a server that never was. */
const FALSE_LIFE = -1

/**
 * A page introduces somebody to its neighbours who never logged in, as hostile pages may: with a credential under the
 * name of the server's key that the server did not sign, or one that is signed by a key of its own.
 */
export function introduceNobody(world: World, dice: Dice): string | undefined {
  const liars = world.pages.filter(
    ({ session, process }) => session && process.isAwake && session.mesh.neighbours.length > 0,
  )
  const liar = dice.of(liars)
  if (!liar) return undefined
  const isSignedByFalseKey = dice.percent(50)
  void tell(world, liar, seededCrypto(dice.random), isSignedByFalseKey)
  return `${liar.name} introduces somebody with a ${isSignedByFalseKey ? 'false key' : 'false signature'}`
}

async function tell(
  world: World,
  { session }: SimulatedPage,
  crypto: ReturnType<typeof seededCrypto>,
  isSignedByFalseKey: boolean,
): Promise<void> {
  const { sessionId, fingerprint, signingKey, agreementKey } = await seededIdentity(crypto)
  const userId = 'mallory' as UserId
  const announcement: Announcement = {
    appId: APP,
    userId,
    token: null,
    sessionId,
    fingerprint,
    signingKey,
    agreementKey,
  }
  const issuer = isSignedByFalseKey ? new SeededIssuer(FALSE_LIFE) : world.realm.issuer
  const signed = openCredential(issuer.issue(announcement, world.now, world.now))
  if (!signed || !session) return
  const signature = isSignedByFalseKey ? signed.signature : crypto.randomBytes(signed.signature.byteLength)
  const credential = sealCredential(signed.body, signature)
  const message = encodeNeighbourMessage({ kind: 'passed-on', credential, signal: 'knock' })
  for (const neighbour of session.mesh.neighbours) session.mesh.tellNeighbour(neighbour.sessionId, message)
}
