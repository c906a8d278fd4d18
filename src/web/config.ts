import { levelBits } from '../base/logger.ts'
import type { AreaCode, LegacyAreaCode } from './status-codes.ts'

/** What the console shows of a client. */
export interface LogFilterType {
  /** Errors. */
  error: boolean
  /** Warnings. */
  warn: boolean
  /** What happens on a good day. */
  info: boolean
  /** Taken, and without effect. */
  track: boolean
  /** Taken, and without effect. */
  debug: boolean
}

/** Nothing is shown in the console. */
export const LOG_FILTER_OFF: LogFilterType = {
  error: false,
  warn: false,
  info: false,
  track: false,
  debug: false,
}
/** Errors are shown. */
export const LOG_FILTER_ERROR: LogFilterType = { ...LOG_FILTER_OFF, error: true }
/** Errors and warnings are shown, as if no filter were set. */
export const LOG_FILTER_WARNING: LogFilterType = { ...LOG_FILTER_ERROR, warn: true }
/** Errors, warnings and what happens on a good day are shown. */
export const LOG_FILTER_INFO: LogFilterType = { ...LOG_FILTER_WARNING, info: true }

/** A signaling server that is meant for some areas. */
export interface RtmSignalingServer {
  /** WebSocket URL, such as `wss://example.org/rtm`. */
  readonly url: string
  /** At least one. See `setArea`. */
  readonly areas: readonly (AreaCode | LegacyAreaCode)[]
}

/** How a client is to work. What is not known here is ignored. */
export interface RtmConfig {
  /** Taken, and without effect: nothing is ever uploaded. */
  enableLogUpload?: boolean | undefined
  /** What the console shows of this client; warnings and errors if it is left out. The log is kept as it is (`readLog`). */
  logFilter?: LogFilterType | undefined
  /** Taken, and without effect: there is no cloud here. */
  enableCloudProxy?: boolean | undefined
  /**
   * WebSocket URLs of one signaling server or cluster, in the order in which they are tried; an empty list for none:
   * then users of this browser's tabs meet. Left out: what the page says (`data-signaling` on the library's script tag,
   * else `<meta name="rtm-signaling">`), else `/rtm` of its origin. Counts when a client is created.
   */
  signaling?: readonly (string | RtmSignalingServer)[] | undefined
  /** As `RTCPeerConnection` takes them, in place of what the server announces; an empty list for none. Counts when a client is created. */
  iceServers?: readonly RTCIceServer[] | undefined
  /**
   * `relay`: links go through TURN servers only, and no peer learns this page's addresses. Where no TURN server is
   * known there are no links then. `all` unless given. Counts when a client is created.
   */
  iceTransportPolicy?: RTCIceTransportPolicy | undefined
  /** False switches off the limits on how often methods may be called. */
  rateLimits?: boolean | undefined
}

/** The bits of the levels that the console shows. */
export function consoleFilterOf({ error, warn, info }: LogFilterType): number {
  const { error: errors, critical } = levelBits
  return (error ? errors | critical : 0) | (warn ? levelBits.warn : 0) | (info ? levelBits.info : 0)
}
