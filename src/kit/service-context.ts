import * as v from 'valibot'

import { consoleLog } from '../base/logger.ts'
import type { NetworkOptions } from '../rtm/browser-surroundings.ts'
import { faultInIceOptions, iceOptionsIn } from '../rtm/ice-options.ts'
import { isWebSocketUrl, notWebSocketUrl, serversFor } from '../rtm/signaling-servers.ts'

/**
 * Parts of the world, to be combined with `|`: where a page is, or where a signaling server is meant for. Asia without
 * mainland China is `AS`; everywhere is `GLOB`.
 */
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
  /** A kit exists already, something is not well-formed, or no server is left for the area; the console says which. Nothing was changed. */
  Failure = 1,
}

/** A signaling server that is meant for some areas. */
export interface AgoraRtmSignalingServer {
  /** WebSocket URL, such as `wss://example.org/rtm`. */
  readonly url: string
  /** One, or several combined with `|`. */
  readonly areas: AgoraRtmAreaCode
}

/** What all kits that are made afterwards have in common. */
export interface AgoraRtmServiceContext extends Omit<NetworkOptions, 'signaling'> {
  /**
   * WebSocket URLs of one server or cluster, in the order in which they are tried; an empty list for none: then users of
   * this browser's tabs meet. Left out: what the page says in `<meta name="rtm-signaling">`, else `/rtm` of its origin.
   */
  readonly signaling?: readonly (string | AgoraRtmSignalingServer)[]
  /**
   * Where this page is; everywhere, `GLOB`, if it is left out. Then all servers are used. Else those that are meant for
   * one of its areas, and after them those that are URLs only; Failure if there are neither.
   *
   * Pages that use other servers do not meet, unless these servers are one cluster. Tabs of one browser meet by
   * themselves, and find what an earlier one has kept, if they use the same list of servers.
   */
  readonly areaCode?: AgoraRtmAreaCode
  /** Taken, and without effect. */
  readonly proxyType?: AgoraRtmCloudProxyType
}

let present: NetworkOptions = {}
let kitCount = 0

/** What a new kit, which counts from now on, has to know of it. */
export function takeServiceContext(): NetworkOptions {
  kitCount += 1
  return present
}

/** A kit was destroyed. */
export function releaseServiceContext(): void {
  kitCount -= 1
}

export function setServiceContext(context: AgoraRtmServiceContext): AgoraRtmSetContextErrorCode {
  const network = kitCount > 0 ? KIT_EXISTS : networkOf(context)
  if (typeof network === 'string') {
    consoleLog('error', network)
    return AgoraRtmSetContextErrorCode.Failure
  }
  present = network
  return AgoraRtmSetContextErrorCode.Ok
}

const KIT_EXISTS =
  'setRtmServiceContext must be called before the first AgoraRtmKit is made, or after all of them were destroyed'
const NO_SERVER_THERE =
  'None of the signaling servers is meant for this areaCode; name one that is, or one without areas'

/** `a | b` may be negative in JavaScript. */
const areas = v.pipe(
  v.number(),
  v.check(
    (code) => code !== 0 && (code === code >>> 0 || code === (code | 0)),
    'areas are AgoraRtmAreaCode, combined with |',
  ),
)

const url = v.custom<string>(isWebSocketUrl, ({ received }) => notWebSocketUrl(received))

const contextSchema = v.object(
  {
    signaling: v.optional(
      v.array(
        v.lazy((entry) => (typeof entry === 'object' ? v.object({ url, areas }) : url)),
        'signaling must be a list of WebSocket URLs, or of { url, areas }; an empty one for no server',
      ),
    ),
    areaCode: v.optional(areas),
    proxyType: v.optional(v.enum(AgoraRtmCloudProxyType)),
  },
  'setRtmServiceContext needs an object such as { signaling: ["wss://example.org/rtm"] }',
)

/** Or a sentence that says what is wrong. */
function networkOf(context: AgoraRtmServiceContext): NetworkOptions | string {
  const result = v.safeParse(contextSchema, context)
  if (!result.success) return v.summarize(result.issues)
  const iceFault = faultInIceOptions(context)
  if (iceFault !== undefined) return iceFault
  const { signaling, areaCode = AgoraRtmAreaCode.GLOB } = context
  const ice = iceOptionsIn(context)
  if (!signaling) return ice
  const urls = serversFor(signaling, areaCode)
  return urls.length === 0 && signaling.length > 0 ? NO_SERVER_THERE : { ...ice, signaling: urls }
}
