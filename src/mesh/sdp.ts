import { type Bytes, equalBytes, fromHex } from '../base/bytes.ts'

/**
 * What a description from elsewhere is allowed to be before the browser sees it. Whatever looks like the line in
 * question in another form counts against it, so that a description which the browser reads otherwise than we do
 * is refused.
 */

/**
 * Whether a session description commits to exactly this certificate: at least one fingerprint, all of them
 * SHA-256, all equal.
 */
export function commitsTo(sdp: string, fingerprint: Bytes): boolean {
  const lines = linesOf(sdp).filter((line) => /fingerprint/i.test(line))
  return lines.length > 0 && lines.every((line) => isFingerprint(line, fingerprint))
}

/** Whether a session description is about data channels and nothing else: no audio, no video, nothing twice. */
export function hasOnlyData(sdp: string): boolean {
  // Also behind a blank or a control character, where some parser may see a line begin.
  const lines = linesOf(sdp).filter((line) => /(?<![!-~])m\s*=/i.test(line))
  return lines.length === 1 && lines.every((line) => DATA_CHANNELS.test(line))
}

/** As RFC 8841 has it, and as browsers wrote it before; port 0 would mean that it was turned down. */
const DATA_CHANNELS =
  /^m=application [1-9]\d{0,4} (?:(?:UDP|TCP)\/DTLS\/SCTP webrtc-datachannel|DTLS\/SCTP \d{1,5})$/

function linesOf(sdp: string): string[] {
  return sdp.split(/[\r\n]+/)
}

function isFingerprint(line: string, fingerprint: Bytes): boolean {
  const hex = /^a=fingerprint:sha-256 ((?:[0-9A-F]{2}:){31}[0-9A-F]{2})$/i.exec(line)?.[1]
  const bytes = hex === undefined ? undefined : fromHex(hex.replaceAll(':', ''))
  return bytes !== undefined && equalBytes(bytes, fingerprint)
}
