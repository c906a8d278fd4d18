import './held-timers.ts'

import type { Bytes } from '../../src/base/bytes.ts'
import type { ManualClock } from '../support/manual-clock.ts'
import type { Crypto, SigningKey } from '../../src/base/crypto.ts'
import type { ChannelId, SessionId, UserId } from '../../src/base/ids.ts'
import type { LogDetails } from '../../src/base/logger.ts'
import type { AttributeChange, ChannelAttribute } from '../../src/documents/attribute.ts'
import { SharedDocument } from '../../src/documents/shared-document.ts'
import type { WriteResult } from '../../src/documents/writer.ts'
import type { SideChannelOffer } from '../../src/mesh/side-channel.ts'
import type { Trust } from '../../src/mesh/trust.ts'
import { sessionIdFromHash, sessionIdInput } from '../../src/protocol/credential.ts'
import { decodeDocumentLabel, NOT_HERE } from '../../src/protocol/document-messages.ts'
import type { Peer } from '../../src/protocol/peer.ts'
import { applyChange } from '../../src/rtm/attribute-change.ts'
import type { MemoryStore } from '../../src/storage/memory-store.ts'
import { APP, type createIssuer, fingerprintOf } from '../support/credentials.ts'
import { pass } from '../support/pass-time.ts'
import type { Network, Participant } from './network.ts'

export const LOBBY = 'lobby' as ChannelId
export const HOUR_MS = 3_600_000

export type Issuer = Awaited<ReturnType<typeof createIssuer>>

/** A session as a server knows it. */
export class Identity {
  private constructor(
    readonly peer: Peer,
    readonly signingKey: SigningKey,
    /** A credential of this server as of now, for 12 hours. */
    readonly issue: (by: Issuer) => Promise<string>,
  ) {}

  static async create(name: string, clock: ManualClock, crypto: Crypto): Promise<Identity> {
    const signingKey = await crypto.generateSigningKey()
    const keys = { fingerprint: fingerprintOf(name), signingKey: signingKey.publicKey }
    const sessionId = sessionIdFromHash(await crypto.sha256(sessionIdInput(keys)))
    const peer = { userId: name as UserId, sessionId, loginTime: clock.now() }
    return new Identity(peer, signingKey, (by) =>
      by.issue(name, { ...keys, issuedAt: clock.now(), expiresAt: clock.now() + 12 * HOUR_MS }),
    )
  }
}

export interface HolderParts {
  readonly identity: Identity
  readonly clock: ManualClock
  readonly crypto: Crypto
  readonly network: Network
  readonly store: MemoryStore
  readonly trust: Trust
  /** How far its idea of server time is ahead. */
  readonly aheadMs: number
}

/** Somebody who has a channel's document, as far as tests act for it. */
export class Holder implements Participant {
  readonly peer: Peer
  /** What it was told of as a member, in words. */
  readonly updates: string[] = []
  readonly log: { readonly sentence: string; readonly details: LogDetails | undefined }[] = []
  /** Whom it knows to be in the channel. */
  readonly members = new Set<Holder>()
  private openDocument: SharedDocument | undefined

  constructor(
    readonly parts: HolderParts,
    public credential: string,
    public ttlMs: number,
  ) {
    this.peer = parts.identity.peer
  }

  get document(): SharedDocument {
    if (!this.openDocument) throw new Error('It is not open yet')
    return this.openDocument
  }

  async open(isMember: boolean): Promise<void> {
    const { clock, crypto, identity, network, store, trust, aheadMs } = this.parts
    this.openDocument = await SharedDocument.open(
      {
        appId: APP,
        channelId: LOBBY,
        me: this.peer,
        clock,
        log: (_level, sentence, details) => this.log.push({ sentence, details }),
        crypto,
        store,
        now: () => clock.now() + aheadMs,
        ttlMs: () => this.ttlMs,
        sign: (input) => identity.signingKey.sign(input),
        credential: () => this.credential,
        verifyAuthor: (text, keys) => trust.verifyAuthor(text, keys),
        serverKeyIds: () => trust.serverKeyIds,
        openChannel: (to, label, events) => network.openChannel(this.peer, to, label, events),
        isLinked: (sessionId) => network.isLinked(this.peer.sessionId, sessionId),
        send: (to, message) => network.send(this.peer, to, message),
      },
      {
        updated: (attributes) => this.updates.push(inWords(attributes)),
        forward: (message, except) => {
          for (const { peer } of this.members)
            if (peer.sessionId !== except.sessionId) network.send(this.peer, peer, message)
        },
      },
      isMember,
    )
  }

  /** What was logged, one line each. */
  lines(): string {
    return this.log.map(({ sentence }) => sentence).join('\n')
  }

  /** A server has said again who this is. */
  async renewCredential(by: Issuer): Promise<void> {
    this.credential = await this.parts.identity.issue(by)
    await this.document.renew()
  }

  offered(offer: SideChannelOffer): void {
    const label = decodeDocumentLabel(offer.label)
    if (label) this.document.offered(offer, label)
    else offer.refuse(NOT_HERE)
  }

  receive(from: Peer, message: Bytes): void {
    this.document.receive(from, message)
  }

  linked(sessionId: SessionId): void {
    this.document.linked(sessionId)
  }

  unlinked(sessionId: SessionId): void {
    this.document.unlinked(sessionId)
  }

  write(change: AttributeChange, notify = false): Promise<WriteResult> {
    return this.document.write(change, (before, it) => applyChange(before, it, 32 * 1024), notify)
  }

  set(key: string, value: string, notify = false): Promise<WriteResult> {
    return this.write({ kind: 'update', attributes: [{ key, value }] }, notify)
  }

  delete(...keys: string[]): Promise<WriteResult> {
    return this.write({ kind: 'delete', keys })
  }

  /** What a read says when time has passed for it. */
  async attributes(): Promise<readonly ChannelAttribute[] | undefined> {
    const reading = this.document.read()
    await pass(this.parts.clock, 2_100)
    return reading
  }

  /** The same in words. */
  async read(): Promise<string> {
    return inWords(await this.attributes())
  }

  /** They see each other, in the channel if they are members. */
  knows(...others: Holder[]): void {
    for (const other of others) {
      if (other.document.isMember) this.members.add(other)
      if (this.document.isMember) other.members.add(this)
      this.document.addHolder(other.peer)
      other.document.addHolder(this.peer)
    }
  }
}

export function inWords(attributes: readonly ChannelAttribute[] | undefined): string {
  if (!attributes) return 'no answer'
  return attributes
    .map(({ key, value, lastUpdateUserId }) => `${key}=${value} (${lastUpdateUserId})`)
    .join(' ')
}
