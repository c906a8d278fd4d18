import type { LinkRejection } from '../protocol/link-signals.ts'
import type { RelayRefusal } from '../protocol/relay-messages.ts'
import { PROTOCOL_VERSION } from '../protocol/version.ts'
import type { Attempt } from './attempt.ts'

/** Why there is no link, for people: `diagnose()` shows it, and the log. */
export const linkFailures = {
  full: 'This page has as many connections as it may have',
  notGenuine: 'It did not prove who it is: its credential or its certificate was refused',
  offline: 'It is not online where the signal was sent',
  unsent: 'No signaling server, and nobody else, can pass a signal on to it now',
} as const

/** The same for another tab of this browser. */
export const tabFailures = {
  unsent: 'It is in another tab of this browser, which cannot be reached now',
  gone: 'It was in another tab of this browser, and is not there any more',
  silent: 'It is in another tab of this browser, which did not answer in 3 s',
  garbage: 'It is in another tab of this browser, which did not answer as tabs do',
} as const

/** The same for links over somebody else. */
export const relayFailures = {
  notLoaded: 'The part of the library that passes messages on could not be loaded',
  nobody: 'Nobody who is linked here can pass messages on to it',
  unproven: 'Nobody who is linked here could pass messages on to it and brought an answer in time',
  silent: 'Whoever passed messages on brought no answer for 3 s',
  gone: 'The link to whoever passed messages on was lost',
  gap: 'Whoever passed messages on left some out, repeated some or put them in another order',
  changed: 'Whoever passed messages on changed them',
  flood: 'It sent far more than it was given credit for',
  garbage: 'It sent what no relayed link carries',
} as const

export const refusalSentences: Readonly<Record<RelayRefusal, string>> = {
  'not-linked': 'Whoever passed messages on is not linked to it any more',
  busy: 'Whoever passed messages on can take no more now',
  'too-much': 'Whoever passed messages on was given more than it passes on',
}

export const rejectionSentences: Readonly<Record<LinkRejection, string>> = {
  'unsupported-version': `It does not understand protocol version ${PROTOCOL_VERSION}: update the older of the two`,
  full: 'It has as many connections as it may have',
  'not-accepted': 'It refused our credential; log in again if this lasts',
}

const NO_PATH = 'No network path to it was found in 8 s; a TURN server may be needed'
const NO_KEY = 'Its credential is from a server that this page is not logged in to'

export const timeoutSentences: Readonly<Record<Attempt['at'], string>> = {
  'awaiting-offer': 'It did not answer in 8 s (its offer never came)',
  offering: 'It did not answer in 8 s (its answer never came)',
  'verifying-offer': NO_KEY,
  'verifying-answer': NO_KEY,
  connecting: NO_PATH,
}

export function foreignSentence(version: number): string {
  return `It speaks protocol version ${version}, this library ${PROTOCOL_VERSION}: update the older of the two`
}
