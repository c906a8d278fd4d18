import * as v from 'valibot'

import { consoleLog } from '../base/logger.ts'
import type { NetworkOptions } from '../rtm/browser-surroundings.ts'

/** Regions of the cloud service, to be combined with `|`. Here they are stored and choose nothing yet. */
export enum AgoraRtmAreaCode {
  /** Mainland China. */
  CN = 1,
  /** North America. */
  NA = 2,
  /** Europe. */
  EU = 4,
  /** Asia without mainland China. */
  AS = 8,
  /** Japan. */
  JP = 16,
  /** India. */
  IN = 32,
  /** Everywhere. */
  GLOB = 0xffffffff,
}

/** Cloud proxies of the cloud service. There is no cloud here: any value has the effect of `None`. */
export enum AgoraRtmCloudProxyType {
  /** No proxy. */
  None = 0,
  /** A proxy over TLS. */
  Tcp = 1,
}

/** Answers of `setRtmServiceContext`. */
export enum AgoraRtmSetContextErrorCode {
  /** Done. */
  Ok = 0,
  /** A kit exists already, or a URL is not well-formed; the console says which. Nothing was changed. */
  Failure = 1,
}

/** What all kits that are made afterwards have in common. */
export interface AgoraRtmServiceContext extends NetworkOptions {
  /** Stored, without effect: the servers are those of `signaling`. GLOB if it is left out. */
  readonly areaCode?: AgoraRtmAreaCode
  /** Stored, without effect. None if it is left out. */
  readonly proxyType?: AgoraRtmCloudProxyType
}

let present: AgoraRtmServiceContext = {}
let kitCount = 0

/** The context for a new kit, which counts from now on. */
export function takeServiceContext(): AgoraRtmServiceContext {
  kitCount += 1
  return present
}

/** A kit was destroyed. */
export function releaseServiceContext(): void {
  kitCount -= 1
}

export function setServiceContext(context: AgoraRtmServiceContext): AgoraRtmSetContextErrorCode {
  const problem = kitCount > 0 ? KIT_EXISTS : problemOf(context)
  if (problem !== undefined) {
    consoleLog('error', problem)
    return AgoraRtmSetContextErrorCode.Failure
  }
  present = { ...context }
  return AgoraRtmSetContextErrorCode.Ok
}

const KIT_EXISTS =
  'setRtmServiceContext must be called before the first AgoraRtmKit is made, or after all of them were destroyed'

const contextSchema = v.object(
  {
    signaling: v.optional(
      v.array(
        v.custom<string>(
          isWebSocketUrl,
          ({ input }) => `${JSON.stringify(input)} is not a WebSocket URL such as wss://example.org/rtm`,
        ),
        'signaling must be a list of WebSocket URLs; an empty one for no server',
      ),
    ),
    iceServers: v.optional(
      v.array(v.looseObject({}), 'iceServers must be a list as RTCPeerConnection takes it'),
    ),
  },
  'setRtmServiceContext needs an object such as { signaling: ["wss://example.org/rtm"] }',
)

function problemOf(context: unknown): string | undefined {
  const result = v.safeParse(contextSchema, context)
  return result.success ? undefined : v.summarize(result.issues)
}

function isWebSocketUrl(url: unknown): boolean {
  return typeof url === 'string' && URL.canParse(url) && /^wss?:$/.test(new URL(url).protocol)
}
