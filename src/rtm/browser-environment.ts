import type { Bytes } from '../base/bytes.ts'
import { loadCrypto } from '../base/crypto.ts'
import type { SessionId } from '../base/ids.ts'
import { LazyFile } from '../base/lazy-file.ts'
import { describeError, type Log } from '../base/logger.ts'
import { afterWaitingEvents } from '../base/soon.ts'
import type { LinkerEvents } from '../mesh/linker.ts'
import { LateRelays } from '../mesh/late-relays.ts'
import { Linkers } from '../mesh/linkers.ts'
import { createLocalIdentity } from '../mesh/local-identity.ts'
import type { RelayLinkerEvents } from '../mesh/relay-pair.ts'
import { takeIdentity } from '../mesh/spare-identity.ts'
import { TabLinker } from '../mesh/tab-linker.ts'
import { WebRtcLinker } from '../mesh/webrtc-linker.ts'
import type { RendezvousEvents } from '../rendezvous/rendezvous.ts'
import { Places } from '../rendezvous/places.ts'
import { realmKeyOf, realmOf } from '../rendezvous/realm.ts'
import { ServerRendezvous } from '../rendezvous/server.ts'
import { TabsRendezvous } from '../rendezvous/tabs.ts'
import { openStore } from '../storage/open-store.ts'
import type { NetworkOptions } from './browser-surroundings.ts'
import type { Environment } from './environment.ts'
import { pageServerUrl } from './page-servers.ts'
import { Settling } from './settling.ts'

/** Public, free of charge, answers with the address that it sees; sees nothing else. Not used on localhost. */
const DEFAULT_ICE_SERVERS: readonly RTCIceServer[] = [{ urls: 'stun:stun.l.google.com:19302' }]

/**
 * A first link takes 0.1 to 0.3 s after the login. Attributes and relays are loaded later: that has the browser busy
 * for longer than all of a login. A call that needs them does not wait for this.
 */
const SETTLED_AFTER_MS = 1_000

/** The real world of a browser page. Throws `NoServerNamed` where nothing says where its signaling server is. */
export function browserEnvironment(
  network: NetworkOptions,
  { clock, random, log }: Pick<Environment, 'clock' | 'random' | 'log'>,
): Environment {
  const urls = network.signaling ?? [pageServerUrl()]
  const settling = new Settling(clock, SETTLED_AFTER_MS)
  const loadHelp = async () => {
    await new Promise<void>((resolve) => settling.whenSettled(resolve))
    return loadHelpNow(log)
  }
  return {
    clock,
    random,
    log,
    soon: afterWaitingEvents,
    realm: realmKeyOf(urls),
    knowsIceServers: network.iceServers !== undefined,
    settling,
    loadCrypto,
    createIdentity: (crypto) => takeIdentity(clock) ?? createLocalIdentity(crypto),
    createRendezvous(announcement, events, neighbourhood) {
      const { appId, token } = announcement
      const realm = realmOf(appId, urls)
      return new Places(
        {
          clock,
          log,
          urls,
          token,
          server:
            urls.length === 0
              ? undefined
              : (own) => new ServerRendezvous({ urls, announcement, clock, random, log }, own),
          tabs: (own) => new TabsRendezvous({ realm, announcement, clock, log, sha256, openBroadcast }, own),
          async neighbours() {
            const file = await loadHelp()
            return (
              file && ((own: RendezvousEvents) => new file.Neighbours({ clock, log, neighbourhood }, own))
            )
          },
        },
        events,
      )
    },
    createLinker(wiring, events, carriers) {
      const { appId, crypto, identity, trust, relay, credential } = wiring
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
          iceTransportPolicy: network.iceTransportPolicy ?? 'all',
        }),
      }
      const tabOptions = {
        sessionId,
        realm: realmOf(appId, urls),
        clock,
        random,
        log,
        openBroadcast,
        relayToTab: wiring.relayToTab,
      }
      const relayOptions = {
        appId,
        sessionId,
        clock,
        random,
        log,
        crypto,
        credential,
        agree: identity.agreementKey.agree,
      }
      const makeRelays = async (own: RelayLinkerEvents) => {
        const file = await loadHelp()
        if (!file) return undefined
        const identify = (text: string, from: SessionId) => file.identify(trust, text, from)
        return new file.RelayLinker({ ...relayOptions, identify }, carriers, own)
      }
      const kinds = {
        direct: (own: LinkerEvents) => new WebRtcLinker(webRtcOptions, own),
        tabs: (own: LinkerEvents) => new TabLinker(tabOptions, own),
        relayed: (own: RelayLinkerEvents) => new LateRelays(clock, makeRelays, own),
      }
      return new Linkers({ clock, isTab: wiring.isTab }, kinds, events)
    },
    openStore: (appId, userId) => Promise.resolve(openStore(appId, userId, { clock, log })),
    loadDocuments: () => documentsFile.load(),
  }
}

function openBroadcast(name: string): BroadcastChannel {
  return new BroadcastChannel(name)
}

async function sha256(data: Bytes): Promise<Bytes> {
  return (await loadCrypto()).sha256(data)
}

/** Two pages of one machine need nobody to tell them their address. */
function defaultIceServers(): readonly RTCIceServer[] {
  const isLocal = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(location.hostname)
  return isLocal ? [] : DEFAULT_ICE_SERVERS
}

const documentsFile = new LazyFile(
  () => import('./documents-file.ts'),
  (file) => 'SharedDocument' in file,
)

const helpFile = new LazyFile(
  () => import('./help-file.ts'),
  (file) => 'RelayLinker' in file,
)

/** Undefined if it cannot be loaded now: then nobody passes anything on for this page, and it for nobody. */
async function loadHelpNow(log: Log) {
  try {
    return await helpFile.load()
  } catch (error) {
    const sentence =
      'The part of the library by which users reach each other through others could not be loaded'
    log('warn', sentence, { error: describeError(error) })
    return undefined
  }
}
