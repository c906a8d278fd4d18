/** A signaling server that is meant for some parts of the world. */
export interface AreaServer {
  readonly url: string
  /** Bits, one for each area. */
  readonly areas: number
}

/** All bits: everywhere. */
const EVERYWHERE = 0xffffffff

/**
 * The URLs that a page in this area uses: all, if it is everywhere; else those that are meant for one of its areas, and
 * after them those that are meant for none.
 */
export function serversFor(servers: readonly (string | AreaServer)[], area: number): readonly string[] {
  if (area >>> 0 === EVERYWHERE)
    return servers.map((server) => (typeof server === 'string' ? server : server.url))
  const meant = servers.flatMap((server) =>
    typeof server !== 'string' && (server.areas & area) !== 0 ? [server.url] : [],
  )
  return [...meant, ...servers.filter((server) => typeof server === 'string')]
}

export function isWebSocketUrl(text: unknown): text is string {
  return typeof text === 'string' && URL.canParse(text) && /^wss?:$/.test(new URL(text).protocol)
}

/** A sentence about what is not one. */
export function notWebSocketUrl(value: unknown): string {
  return `${String(value)} is not a WebSocket URL such as wss://example.org/rtm`
}
