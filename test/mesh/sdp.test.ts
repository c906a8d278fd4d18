import { describe, expect, test } from 'vitest'

import { toHex } from '../../src/base/bytes.ts'
import { commitsTo, hasOnlyData } from '../../src/mesh/sdp.ts'

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

const data = 'm=application 9 UDP/DTLS/SCTP webrtc-datachannel'
const video = 'm=video 9 UDP/TLS/RTP/SAVPF 96'
const media = (...lines: string[]): string =>
  ['v=0', 'o=- 1 2 IN IP4 127.0.0.1', 's=-', 't=0 0', genuine, ...lines, 'a=mid:0', ''].join('\r\n')

describe('A session description is about data channels only', () => {
  test.each([
    ['as browsers write it', media(data)],
    [
      'with a port and a candidate',
      media(data.replace('9', '61234'), 'a=candidate:1 1 udp 1 x.local 9 typ host'),
    ],
    ['over TCP', media(data.replace('UDP', 'TCP'))],
    [
      'as browsers wrote it before',
      media('m=application 9 DTLS/SCTP 5000', 'a=sctpmap:5000 webrtc-datachannel 1024'),
    ],
    ['with bare line feeds', media(data).replaceAll('\r\n', '\n')],
  ])('%s', (_, text) => {
    expect(hasOnlyData(text)).toBe(true)
  })
})

describe('A session description is about more than data channels, or less,', () => {
  test.each([
    ['without media', media()],
    ['when it is empty', ''],
    ['with a video line', media(data, video)],
    ['with a video line first', media(video, data)],
    ['with two video lines', media(data, video, video)],
    ['with an audio line only', media('m=audio 9 UDP/TLS/RTP/SAVPF 111')],
    ['with data channels twice', media(data, data)],
    ['with a video line that was turned down', media(data, video.replace('9', '0'))],
    ['with data channels that were turned down', media(data.replace('9', '0'))],
    ['with another application', media('m=application 9 UDP/BFCP *')],
    ['with data channels over RTP', media(data.replace('DTLS/SCTP', 'TLS/RTP/SAVPF'))],
    ['with a format beside data channels', media(`${data} 96`)],
    ['with data channels without DTLS', media('m=application 9 SCTP webrtc-datachannel')],
    ['with a count of ports', media(data.replace('9', '9/2'))],
    ['with a number that is no port', media(data.replace('9', '123456'))],
    ['with blanks around', media(` ${data}`)],
    ['with a video line behind a blank', media(data, ` ${video}`)],
    ['with a video line behind a tab', media(data, `\t${video}`)],
    ['with a video line in capitals', media(data, video.toUpperCase())],
    ['with a space in front of its equals sign', media(data, video.replace('=', ' ='))],
    ['with a video line behind a lone carriage return', media(`${data}\r${video}`)],
    ['with a video line behind a line separator', media(`${data}\u2028${video}`)],
    ['with a video line behind a line separator elsewhere', media(data, `a=x\u2028${video}`)],
    ['with a video line behind a NUL', media(data, `a=x\0${video}`)],
    ['with a video line behind a vertical tab', media(data, `a=x\v${video}`)],
  ])('%s', (_, text) => {
    expect(hasOnlyData(text)).toBe(false)
  })
})
