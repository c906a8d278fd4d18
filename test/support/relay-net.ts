import type { Bytes } from '../../src/base/bytes.ts'
import { portableCrypto } from '../../src/base/crypto-portable.ts'
import type { Clock } from '../../src/base/clock.ts'
import type { AgreementKey, Crypto } from '../../src/base/crypto.ts'
import type { AppId, SessionId } from '../../src/base/ids.ts'
import type { LinkerEvents } from '../../src/mesh/linker.ts'
import { RelayLinker } from '../../src/mesh/relay-linker.ts'
import type { RelayLink } from '../../src/mesh/relay-link.ts'
import type { Peer } from '../../src/protocol/peer.ts'
import { noLog } from './no-log.ts'
import { seededRandom } from './random.ts'

const APP_ID = 'a'.repeat(32) as AppId

/** A message about relaying on its way from one to the other. */
export interface Hop {
  readonly from: Peer
  readonly to: Peer
  readonly message: Bytes
}

/**
 * Sessions of which some have links of their own to each other, over which they pass on for the rest. The links carry
 * messages about relaying only. Credentials are the session ids.
 */
export class RelayNet {
  readonly delayMs = 5
  /** What arrives in place of a message; nothing where it is lost. */
  tamper: (hop: Hop) => readonly Bytes[] = ({ message }) => [message]
  /** All that was passed on or asked, in order, as it left. */
  readonly hops: Hop[] = []
  /** Bytes that are said to wait on a link, by who sends. */
  readonly waitingBytes = new Map<SessionId, number>()
  private readonly known = new Map<SessionId, { readonly peer: Peer; readonly key: AgreementKey }>()
  private readonly nodes = new Map<SessionId, { readonly peer: Peer; readonly linker: RelayLinker }>()
  private readonly links = new Set<string>()

  constructor(
    private readonly clock: Clock,
    private readonly crypto: Crypto = portableCrypto,
  ) {}

  /** Who may take part, with a key of its own. */
  async add(peer: Peer, key?: AgreementKey): Promise<AgreementKey> {
    const made = key ?? (await this.crypto.generateAgreementKey())
    this.known.set(peer.sessionId, { peer, key: made })
    return made
  }

  /** One that was added. */
  linker(self: Peer, events: LinkerEvents, over: (link: RelayLink) => void = () => undefined): RelayLinker {
    const { clock } = this
    const own = this.known.get(self.sessionId)
    const nearOf = (): Peer[] => this.nearOf(self)
    if (!own) throw new Error(`${self.userId} was not added`)
    const linker = new RelayLinker(
      {
        appId: APP_ID,
        sessionId: self.sessionId,
        clock,
        random: seededRandom(1),
        log: noLog,
        crypto: this.crypto,
        credential: () => self.sessionId,
        agree: (publicKey) => own.key.agree(publicKey),
        identify: (credential, sessionId) => {
          const known = this.known.get(credential as SessionId)
          const isGood = known?.peer.sessionId === sessionId
          return Promise.resolve(isGood ? { peer: known.peer, agreementKey: known.key.publicKey } : undefined)
        },
      },
      {
        get near() {
          return nearOf()
        },
        carry: (by, message) => this.carry(self, by, message),
        bufferedBytes: (by) =>
          this.isConnected(self.sessionId, by) ? (this.waitingBytes.get(self.sessionId) ?? 0) : Infinity,
      },
      { ...events, over, probed: () => undefined, whyNotDirect: () => 'No path' },
    )
    this.nodes.set(self.sessionId, { peer: self, linker })
    return linker
  }

  connect(a: Peer, b: Peer): void {
    this.links.add(linkName(a.sessionId, b.sessionId))
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const)
      this.nodes.get(one.sessionId)?.linker.nearer(other)
  }

  cut(a: Peer, b: Peer): void {
    this.links.delete(linkName(a.sessionId, b.sessionId))
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const)
      this.nodes.get(one.sessionId)?.linker.farther(other)
  }

  /** As if this message came over the link. */
  say(from: Peer, to: Peer, message: Bytes): void {
    this.nodes.get(to.sessionId)?.linker.relayed(from, message)
  }

  private nearOf(self: Peer): Peer[] {
    return [...this.nodes.values()]
      .map(({ peer }) => peer)
      .filter(({ sessionId }) => this.isConnected(self.sessionId, sessionId))
  }

  private carry(from: Peer, by: SessionId, message: Bytes): boolean {
    const to = this.nodes.get(by)?.peer
    if (!to || !this.isConnected(from.sessionId, by)) return false
    this.hops.push({ from, to, message })
    this.clock.after(this.delayMs, () => {
      if (!this.isConnected(from.sessionId, by)) return
      for (const arriving of this.tamper({ from, to, message })) this.say(from, to, arriving)
    })
    return true
  }

  private isConnected(a: SessionId, b: SessionId): boolean {
    return this.links.has(linkName(a, b))
  }
}

function linkName(a: SessionId, b: SessionId): string {
  return [a, b].sort().join(' ')
}
