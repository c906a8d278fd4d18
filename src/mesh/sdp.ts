import { type Bytes, equalBytes, fromHex } from '../base/bytes.ts'

/**
 * Whether a session description commits to exactly this certificate: at least one fingerprint, all of them
 * SHA-256, all equal. Whatever mentions a fingerprint in another form counts against it, so that a
 * description which the browser reads otherwise than we do is refused.
 */
export function commitsTo(sdp: string, fingerprint: Bytes): boolean {
  const lines = sdp.split(/[\r\n]+/).filter((line) => /fingerprint/i.test(line))
  return lines.length > 0 && lines.every((line) => isFingerprint(line, fingerprint))
}

function isFingerprint(line: string, fingerprint: Bytes): boolean {
  const hex = /^a=fingerprint:sha-256 ((?:[0-9A-F]{2}:){31}[0-9A-F]{2})$/i.exec(line)?.[1]
  const bytes = hex === undefined ? undefined : fromHex(hex.replaceAll(':', ''))
  return bytes !== undefined && equalBytes(bytes, fingerprint)
}
