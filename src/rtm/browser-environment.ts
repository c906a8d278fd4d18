import type { Bytes } from '../base/bytes.ts'
import { systemClock } from '../base/clock.ts'
import { loadCrypto } from '../base/crypto.ts'
import { consoleLog } from '../base/logger.ts'
import type * as documents from '../documents/documents.ts'
import { createLocalIdentity } from '../mesh/local-identity.ts'
import { Linkers } from '../mesh/linkers.ts'
import { Places } from '../rendezvous/places.ts'
import { realmOf } from '../rendezvous/realm.ts'
import { ServerRendezvous } from '../rendezvous/server.ts'
import { TabsRendezvous } from '../rendezvous/tabs.ts'
import { openStore } from '../storage/open-store.ts'
import type { Environment } from './environment.ts'

/** Where this page's signaling servers are, and which ICE servers it uses in place of what they announce. */
export interface NetworkOptions {
  /** WebSocket URLs of one server or cluster; an empty list for none: then users of this browser's tabs meet. */
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
      const { appId, token } = announcement
      const urls = signalingUrls(network)
      const realm = realmOf(appId, urls)
      return new Places(
        {
          clock,
          token,
          server:
            urls.length === 0
              ? undefined
              : (own) => new ServerRendezvous({ urls, announcement, clock, random, log }, own),
          tabs: (own) => new TabsRendezvous({ realm, announcement, clock, log, sha256, openBroadcast }, own),
        },
        events,
      )
    },
    createLinker(wiring, events) {
      const { identity, trust, relay, credential } = wiring
      const { sessionId } = identity
      const webRtcOptions = {
        sessionId,
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
      const tabOptions = {
        sessionId,
        realm: realmOf(wiring.appId, signalingUrls(network)),
        clock,
        random,
        log,
        openBroadcast,
        relayToTab: wiring.relayToTab,
      }
      return new Linkers(webRtcOptions, tabOptions, wiring.isTab, events)
    },
    openStore: (appId, userId) => Promise.resolve(openStore(appId, userId, { clock, log })),
    loadDocuments,
  }
}

function openBroadcast(name: string): BroadcastChannel {
  return new BroadcastChannel(name)
}

async function sha256(data: Bytes): Promise<Bytes> {
  return (await loadCrypto()).sha256(data)
}

function signalingUrls({ signaling }: NetworkOptions): readonly string[] {
  return signaling ?? [defaultSignalingUrl()]
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

let loading: Promise<typeof documents> | undefined
let attemptCount = 0

/** One copy for all kits of the page: two of Yjs would not work together. */
function loadDocuments(): Promise<typeof documents> {
  loading ??= fetchDocuments().catch((error: unknown) => {
    loading = undefined
    throw error
  })
  return loading
}

/**
 * Browsers remember for the life of a page that a file could not be fetched, and do not fetch it again; under another
 * URL they do. Chromium and Firefox name the file in the error. Where none is named, or a bundler has made something
 * else of it, asking once more must do.
 */
async function fetchDocuments(): Promise<typeof documents> {
  try {
    return await import('../documents/documents.ts')
  } catch (error) {
    const [address] = /https?:[^\s)]+/.exec(String(error)) ?? []
    if (address === undefined) throw error
    const url = new URL(address)
    url.searchParams.set('again', String(++attemptCount))
    const again: unknown = await import(/* @vite-ignore */ /* webpackIgnore: true */ url.href)
    if (!isDocuments(again)) throw error
    return again
  }
}

function isDocuments(file: unknown): file is typeof documents {
  return typeof file === 'object' && file !== null && 'UserDocument' in file
}
