import type { LinkDescriptionSignal } from '../protocol/link-signals.ts'
import type { Peer } from '../protocol/peer.ts'
import { commitsTo, hasOnlyData } from './sdp.ts'
import type { WebRtcOptions } from './webrtc-options.ts'

/**
 * Whether an offer or answer proves that it is this peer's: the credential is valid and the peer's, and its
 * certificate is the one that the description commits to, so that DTLS connects to nobody else. And whether it is
 * about data channels only, as the browser would answer whatever else it offers.
 */
export async function isGenuine(
  options: Pick<WebRtcOptions, 'verify' | 'log'>,
  peer: Peer,
  { credential, sdp }: LinkDescriptionSignal,
): Promise<boolean> {
  const refuse = (why: string): false => {
    options.log('warn', 'An offer or answer was refused', { from: peer.sessionId, why })
    return false
  }
  if (!hasOnlyData(sdp)) return refuse('It is not about data channels only')
  const verified = await options.verify(credential, peer)
  if (!verified) return refuse('Its credential is not valid')
  return commitsTo(sdp, verified.fingerprint) || refuse('Its certificate is not the one of its credential')
}
