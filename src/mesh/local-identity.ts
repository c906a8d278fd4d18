import { type Bytes, fromHex } from '../base/bytes.ts'
import type { AgreementKey, Crypto, SigningKey } from '../base/crypto.ts'
import type { SessionId } from '../base/ids.ts'
import { sessionIdFromHash, sessionIdInput } from '../protocol/credential.ts'

/** What makes this session this session: one certificate for all its links, and its keys. Lives as long as the login. */
export interface LocalIdentity {
  readonly certificate: RTCCertificate
  /** SHA-256 of the certificate. */
  readonly fingerprint: Bytes
  readonly sessionId: SessionId
  readonly signingKey: SigningKey
  readonly agreementKey: AgreementKey
}

export async function createLocalIdentity(crypto: Crypto): Promise<LocalIdentity> {
  const [certificate, signingKey, agreementKey] = await Promise.all([
    RTCPeerConnection.generateCertificate({ name: 'ECDSA', namedCurve: 'P-256' } as EcKeyGenParams),
    crypto.generateSigningKey(),
    crypto.generateAgreementKey(),
  ])
  const fingerprint = fingerprintOf(certificate) ?? (await fingerprintFromOffer(certificate))
  const hash = await crypto.sha256(sessionIdInput({ fingerprint, signingKey: signingKey.publicKey }))
  return { certificate, fingerprint, sessionId: sessionIdFromHash(hash), signingKey, agreementKey }
}

function fingerprintOf(certificate: RTCCertificate): Bytes | undefined {
  // Not every browser has the method.
  const fingerprints = 'getFingerprints' in certificate ? certificate.getFingerprints() : []
  const hex = fingerprints.find(({ algorithm }) => algorithm?.toLowerCase() === 'sha-256')?.value
  return hex === undefined ? undefined : fromHex(hex.replaceAll(':', ''))
}

/** The other way to learn it: make an offer with the certificate and read it there. */
async function fingerprintFromOffer(certificate: RTCCertificate): Promise<Bytes> {
  const connection = new RTCPeerConnection({ certificates: [certificate] })
  try {
    connection.createDataChannel('')
    const { sdp } = await connection.createOffer()
    const hex = /^a=fingerprint:sha-256 ([0-9A-F:]+)/im.exec(sdp ?? '')?.[1]
    const fingerprint = hex === undefined ? undefined : fromHex(hex.replaceAll(':', ''))
    if (!fingerprint) throw new Error('The browser does not tell the SHA-256 fingerprint of its certificate')
    return fingerprint
  } finally {
    connection.close()
  }
}
