import { systemClock } from '../../../src/base/clock.ts'
import { webCrypto } from '../../../src/base/crypto.ts'
import type { SessionId, UserId } from '../../../src/base/ids.ts'
import type { Linker, LinkerEvents } from '../../../src/mesh/linker.ts'
import { createLocalIdentity, type LocalIdentity } from '../../../src/mesh/local-identity.ts'
import { WebRtcLinker } from '../../../src/mesh/webrtc-linker.ts'
import type { Credential } from '../../../src/protocol/credential.ts'
import type { Peer } from '../../../src/protocol/peer.ts'
import { checkLinks, type LinkKind } from '../../mesh/link-contract.ts'
import { noLog } from '../../support/no-log.ts'
import { RelayNet } from '../../support/relay-net.ts'
import { tabLinks } from '../../support/tab-links.ts'

export const linkKinds = {
  /** Links between two sessions of this page, over the network. */
  'over WebRTC': webRtcLinks,
  /** The same as between two tabs. */
  'between tabs': async () => tabLinks(await twoPeers(), systemClock),
  /** Over a third one that is linked to both, sealed by WebCrypto. */
  'over somebody else': relayedLinks,
}

/** Throws if links of this kind do not do what this part of their contract says. */
export async function check(kind: keyof typeof linkKinds, title: string): Promise<void> {
  await checkLinks(await linkKinds[kind](), title)
}

async function webRtcLinks(): Promise<LinkKind> {
  const identities = await twoIdentities()
  const peers = [peerOf(identities[0]), peerOf(identities[1])] as const
  const linkers = new Map<SessionId, WebRtcLinker>()
  const linker = (self: Peer, events: LinkerEvents): WebRtcLinker => {
    const identity = identityOf(self)
    const made = new WebRtcLinker(
      {
        sessionId: self.sessionId,
        clock: systemClock,
        log: noLog,
        credential: () => 'credential',
        configuration: () => ({ certificates: [identity.certificate], iceServers: [] }),
        // Credentials are not in question here; the certificate of a link is the one that they name.
        verify: (_, { sessionId, userId }) => {
          const { fingerprint, signingKey, agreementKey } = identityOf({ sessionId })
          const keys = { signingKey: signingKey.publicKey, agreementKey: agreementKey.publicKey }
          return Promise.resolve({ ...EMPTY_CREDENTIAL, ...keys, userId, fingerprint })
        },
        relay: (to, signal) => {
          queueMicrotask(() => linkers.get(to)?.receive(self, signal))
          return true
        },
      },
      events,
    )
    linkers.set(self.sessionId, made)
    return made
  }
  return { peers, linker }

  function identityOf({ sessionId }: Pick<Peer, 'sessionId'>): LocalIdentity {
    return identities[0].sessionId === sessionId ? identities[0] : identities[1]
  }
}

async function relayedLinks(): Promise<LinkKind> {
  const peers = await twoPeers()
  const [relay] = await twoPeers()
  const net = new RelayNet(systemClock, webCrypto)
  for (const peer of [...peers, relay]) await net.add(peer)
  const nothing = (): void => undefined
  const isTrue = (): boolean => true
  net.linker(relay, {
    opened: nothing,
    failed: nothing,
    admit: isTrue,
    exhausted: nothing,
    missed: nothing,
    isWanted: isTrue,
    packet: nothing,
    beat: nothing,
    drained: nothing,
    doubtful: nothing,
    closed: nothing,
    broken: nothing,
  })
  const linker = (self: Peer, events: LinkerEvents): Linker => {
    const made = net.linker(self, events)
    net.connect(self, relay)
    return Object.assign(made, { connectionCount: 0, receive: nothing, undeliverable: nothing })
  }
  return { peers, linker }
}

const EMPTY_CREDENTIAL: Omit<Credential, 'userId' | 'fingerprint' | 'signingKey' | 'agreementKey'> = {
  appId: '0123456789abcdef0123456789abcdef' as Credential['appId'],
  loginTime: 1,
  issuedAt: 1,
  expiresAt: 2,
  keyId: new Uint8Array(8),
}

async function twoPeers(): Promise<[Peer, Peer]> {
  const [lower, higher] = await twoIdentities()
  return [peerOf(lower), peerOf(higher)]
}

/** The one with the lower session id first. */
async function twoIdentities(): Promise<[LocalIdentity, LocalIdentity]> {
  const [one, other] = [await createLocalIdentity(webCrypto), await createLocalIdentity(webCrypto)]
  return one.sessionId < other.sessionId ? [one, other] : [other, one]
}

function peerOf({ sessionId }: LocalIdentity): Peer {
  return { userId: sessionId.slice(0, 8) as UserId, sessionId, loginTime: 1 }
}
