import type { NetworkOptions } from '../rtm/browser-environment.ts'

/** Regions of the cloud service, to be combined with `|`. Here they are stored and choose nothing yet. */
export enum AgoraRtmAreaCode {
  CN = 1,
  NA = 2,
  EU = 4,
  AS = 8,
  JP = 16,
  IN = 32,
  GLOB = 0xffffffff,
}

/** Cloud proxies of the cloud service. There is no cloud here: any value has the effect of `None`. */
export enum AgoraRtmCloudProxyType {
  None = 0,
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
  readonly areaCode?: AgoraRtmAreaCode
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
    console.error(`rtm-mesh: ${problem}`)
    return AgoraRtmSetContextErrorCode.Failure
  }
  present = { ...context }
  return AgoraRtmSetContextErrorCode.Ok
}

const KIT_EXISTS =
  'setRtmServiceContext must be called before the first AgoraRtmKit is made, or after all of them were destroyed'

function problemOf(context: AgoraRtmServiceContext): string | undefined {
  if (typeof context !== 'object' || context === null) return 'setRtmServiceContext needs an object'
  const { signaling, iceServers } = context
  if (signaling !== undefined && (!Array.isArray(signaling) || signaling.length === 0)) {
    return 'signaling must be a list of WebSocket URLs with at least one entry'
  }
  const badUrl = signaling?.find((url) => !isWebSocketUrl(url))
  if (badUrl !== undefined) {
    return `signaling: ${JSON.stringify(badUrl)} is not a WebSocket URL such as wss://example.org/rtm`
  }
  if (iceServers !== undefined && !Array.isArray(iceServers)) {
    return 'iceServers must be a list as RTCPeerConnection takes it'
  }
  return undefined
}

function isWebSocketUrl(url: unknown): boolean {
  return typeof url === 'string' && URL.canParse(url) && /^wss?:$/.test(new URL(url).protocol)
}
