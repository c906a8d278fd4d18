import type { SessionId } from '../base/ids.ts'
import { openCredential } from '../protocol/credential.ts'
import type { RelayEnd } from './relay-options.ts'
import type { Trust } from './trust.ts'

/** Who shows a credential through a relay, which says from which session it comes and need not be believed. */
export async function identify(
  trust: Pick<Trust, 'verify'>,
  text: string,
  sessionId: SessionId,
): Promise<RelayEnd | undefined> {
  const opened = openCredential(text)
  if (!opened) return undefined
  const { userId, loginTime } = opened.credential
  const peer = { userId, sessionId, loginTime }
  const credential = await trust.verify(text, peer)
  return credential && { peer, agreementKey: credential.agreementKey }
}
