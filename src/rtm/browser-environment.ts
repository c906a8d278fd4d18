import { systemClock } from '../base/clock.ts'
import { loadCrypto } from '../base/crypto.ts'
import { consoleLog } from '../base/logger.ts'
import { createLocalIdentity } from '../mesh/local-identity.ts'
import { WebRtcLinker } from '../mesh/webrtc-linker.ts'
import { ServerRendezvous } from '../rendezvous/server.ts'
import { openStore } from '../storage/open-store.ts'
import type { Environment } from './environment.ts'

/** Where this page's signaling servers are, and which ICE servers it uses in place of what they announce. */
export interface NetworkOptions {
  /** WebSocket URLs of one server or cluster. */
  readonly signaling?: readonly string[]
  readonly iceServers?: readonly RTCIceServer[]
}

/** Public, free of charge, answers with the address that it sees; sees nothing else. Not used on localhost. */
const DEFAULT_ICE_SERVERS: readonly RTCIceServer[] = [{ urls: 'stun:stun.l.google.com:19302' }]

/** The real world of a browser page. */
export function browserEnvironment(network: NetworkOptions): Environment {
  const clock = systemClock
  const random = Math.random
  const log = consoleLog
  return {
    clock,
    random,
    log,
    loadCrypto,
    createIdentity: createLocalIdentity,
    createRendezvous(announcement, events) {
      const urls = network.signaling ?? [defaultSignalingUrl()]
      return new ServerRendezvous({ urls, announcement, clock, random, log }, events)
    },
    createLinker(wiring, events) {
      const { identity, trust, relay, credential } = wiring
      const options = {
        sessionId: identity.sessionId,
        clock,
        log,
        credential,
        relay,
        verify: trust.verify.bind(trust),
        configuration: () => ({
          certificates: [identity.certificate],
          iceServers: [...(network.iceServers ?? wiring.iceServers() ?? defaultIceServers())],
        }),
      }
      return new WebRtcLinker(options, events)
    },
    openStore: (appId, userId) => Promise.resolve(openStore(appId, userId, { clock, log })),
    loadDocuments: () => import('../documents/documents.ts'),
  }
}

/** What the page says in `<meta name="rtm-signaling" content="…">`, else `/rtm` at the page's own origin. */
function defaultSignalingUrl(): string {
  const meta = document.querySelector<HTMLMetaElement>('meta[name="rtm-signaling"]')
  const url = new URL(meta?.content ?? '/rtm', location.href)
  url.protocol = url.protocol.replace(/^http/, 'ws')
  return url.href
}

/** Two pages of one machine need nobody to tell them their address. */
function defaultIceServers(): readonly RTCIceServer[] {
  const isLocal = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(location.hostname)
  return isLocal ? [] : DEFAULT_ICE_SERVERS
}
