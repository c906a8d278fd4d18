/** How links find their way, as far as a program decides on it: both faces take it, under these names. */
export interface IceOptions {
  /** As `RTCPeerConnection` takes them, in place of what the signaling server announces; an empty list for none. */
  readonly iceServers?: readonly RTCIceServer[]
  /**
   * `relay`: links go through TURN servers only, and no peer learns this page's addresses. Where no TURN server is
   * known there are no links then. `all` unless given.
   */
  readonly iceTransportPolicy?: RTCIceTransportPolicy
}

/** A sentence about what a program has given in place of them; what is in a server's entry is the browser's to judge. */
export function faultInIceOptions(options: {
  readonly iceServers?: unknown
  readonly iceTransportPolicy?: unknown
}): string | undefined {
  const { iceServers, iceTransportPolicy = 'all' } = options
  const isList =
    iceServers === undefined ||
    (Array.isArray(iceServers) && iceServers.every((entry) => typeof entry === 'object' && entry !== null))
  if (!isList) return 'iceServers must be a list as RTCPeerConnection takes it'
  const isPolicy = iceTransportPolicy === 'all' || iceTransportPolicy === 'relay'
  return isPolicy ? undefined : "iceTransportPolicy must be 'all' or 'relay'"
}

/** Those of the options that are there, and nothing else. */
export function iceOptionsIn({ iceServers, iceTransportPolicy }: IceOptions): IceOptions {
  return { ...(iceServers && { iceServers }), ...(iceTransportPolicy && { iceTransportPolicy }) }
}
