import { describe, expect, test } from 'vitest'

import { toHex } from '../../src/base/bytes.ts'
import { commitsTo } from '../../src/mesh/sdp.ts'

const fingerprint = Uint8Array.from({ length: 32 }, (_, i) => i * 7)
const other = Uint8Array.from({ length: 32 }, (_, i) => i * 5 + 1)
const hexOf = (bytes: Uint8Array): string => toHex(bytes).toUpperCase().match(/../g)?.join(':') ?? ''
const genuine = `a=fingerprint:sha-256 ${hexOf(fingerprint)}`
const stolen = `a=fingerprint:sha-256 ${hexOf(other)}`

const sdp = (...lines: string[]): string =>
  [
    'v=0',
    'o=- 1 2 IN IP4 127.0.0.1',
    's=-',
    't=0 0',
    'm=application 9 UDP/DTLS/SCTP webrtc-datachannel',
    ...lines,
    '',
  ].join('\r\n')

describe('A session description commits to a certificate', () => {
  test.each([
    ['as browsers write it', sdp(genuine)],
    ['in lower case', sdp(genuine.toLowerCase())],
    ['at the session and at the media', sdp(genuine, 'a=mid:0', genuine)],
    ['with bare line feeds', sdp(genuine).replaceAll('\r\n', '\n')],
  ])('%s', (_, text) => {
    expect(commitsTo(text, fingerprint)).toBe(true)
  })
})

describe('A session description does not commit to a certificate', () => {
  test.each([
    ['without a fingerprint', sdp()],
    ['when it is empty', ''],
    ['with another fingerprint', sdp(stolen)],
    ['with a second fingerprint that is another', sdp(genuine, stolen)],
    ['with another one first', sdp(stolen, genuine)],
    ['with the right bytes under another hash', sdp(genuine.replace('sha-256', 'sha-1'))],
    ['with another hash beside it', sdp(genuine, `a=fingerprint:sha-512 ${hexOf(other).repeat(2)}`)],
    ['with a fingerprint that is too short', sdp(genuine.slice(0, -3))],
    ['with a fingerprint that is too long', sdp(`${genuine}:00`)],
    ['with something behind it', sdp(`${genuine} x`)],
    ['with two on one line', sdp(`${genuine} ${stolen}`)],
    ['with a space before the line', sdp(genuine, ` ${stolen}`)],
    ['with a tab in the line', sdp(genuine, stolen.replace(' ', '\t'))],
    ['with a space around the colon', sdp(genuine, stolen.replace(':', ' :'))],
    ['with a lone carriage return before another', sdp(`${genuine}\r${stolen}`)],
    ['with a line separator before another', sdp(`${genuine}\u2028${stolen}`)],
    ['with a form feed before another', sdp(`${genuine}\f${stolen}`)],
    ['with a NUL before another', sdp(`${genuine}\0${stolen}`)],
    ['with the fingerprint in a session-level name', sdp('s=fingerprint', genuine)],
    ['with full-width digits', sdp(genuine.replace(/\d$/, '０'))],
    ['without colons', sdp(genuine.replaceAll(/:(?=[0-9A-F]{2})/g, ''))],
  ])('%s', (_, text) => {
    expect(commitsTo(text, fingerprint)).toBe(false)
  })
})
