import { loadCrypto } from '../base/crypto.ts'
import type { Clock } from '../base/clock.ts'
import { createLocalIdentity, type LocalIdentity } from './local-identity.ts'

/** A certificate is good for 30 days; a page that is left open for days before its login makes a new one. */
const FRESH_MS = 24 * 60 * 60_000

/** Made ahead, as it takes a browser 10 to 20 ms. Belongs to nobody until a login takes it. */
let spare: { readonly identity: Promise<LocalIdentity>; readonly madeAt: number } | undefined

/** The page will log in soon. If it cannot be made now, the login says why. */
export function prepareIdentity(clock: Clock): void {
  if (spare) return
  const prepared = { identity: loadCrypto().then(createLocalIdentity), madeAt: clock.now() }
  spare = prepared
  prepared.identity.catch(() => {
    if (spare === prepared) spare = undefined
  })
}

/** Each is taken once: every login is a session of its own. */
export function takeIdentity(clock: Clock): Promise<LocalIdentity> | undefined {
  const taken = spare
  spare = undefined
  return taken && clock.now() - taken.madeAt < FRESH_MS ? taken.identity : undefined
}
