import type { AppId } from '../base/ids.ts'

/**
 * Pages of one origin that belong together: those of one app with the same signaling servers, in whatever order they
 * name them. The name is that of the broadcast channel on which they meet; another protocol version has another.
 */
export function realmOf(appId: AppId, signalingUrls: readonly string[]): string {
  return JSON.stringify(['rtm-mesh/1', appId, ...[...signalingUrls].sort()])
}

/** The same for what outlives pages and versions of one app: ASCII without a slash; empty where there is no server. */
export function realmKeyOf(signalingUrls: readonly string[]): string {
  const hrefs = signalingUrls.map((url) => new URL(url).href)
  return hrefs.sort().map(encodeURIComponent).join('+')
}
