import { type Bytes, toHex } from '../base/bytes.ts'
import type { Cancel, Clock } from '../base/clock.ts'
import type { Crypto } from '../base/crypto.ts'
import type { AppId, SessionId } from '../base/ids.ts'
import {
  type Credential,
  credentialSigningInput,
  KEY_ID_BYTES,
  openCredential,
  type SealedCredential,
  sessionIdFromHash,
  sessionIdInput,
} from '../protocol/credential.ts'
import { type Notice, noticeSigningInput, openNotice } from '../protocol/notice.ts'
import type { Peer } from '../protocol/peer.ts'
import { NoticeBook } from './notice-book.ts'

/**
 * Server keys of this page's life that are remembered. A server announces eight at most, and each of them counts;
 * keys that it still needs it announces again, so that the places left over are for restarts without `secret`.
 */
const MAX_SERVER_KEYS = 8
/** Clocks differ; a credential is good this long past its end. */
const EXPIRY_TOLERANCE_MS = 5 * 60_000
/** A peer that is back at a restarted server before us shows a key that our own return will bring. */
const UNKNOWN_KEY_WAIT_MS = 10_000
/** Credentials that wait for their server key, one of each peer. Each keeps a description of up to 100 KB waiting. */
const MAX_WAITING = 64
/** Verified credentials that are remembered, so that a second link to a peer costs no signature. */
const MAX_VERIFIED = 1_024

/** Sessions of tabs of this origin that are remembered. */
const MAX_TABS = 1_024

/** Who wrote something: the session that a credential is about, and the key that vouches for it. */
export interface Author {
  readonly credential: Credential
  readonly sessionId: SessionId
  /** In hexadecimal. */
  readonly keyId: string
  readonly serverKey: Bytes
}

/** Decides whose credentials count: those signed by a server that this session logged in to. */
export class Trust {
  private readonly serverKeyById = new Map<string, Bytes>()
  private readonly verified = new Map<string, Credential>()
  private readonly notices = new NoticeBook((expiresAt) => this.isOver(expiresAt))
  private readonly tabs = new Map<SessionId, true>()
  /** What goes on with the credential that waits, by the peer that showed it; the longest waiting comes first. */
  private readonly waiting = new Map<SessionId, () => void>()
  private isClosed = false
  /** Milliseconds to add to the own clock to get server time. */
  clockOffsetMs = 0

  constructor(
    private readonly appId: AppId,
    private readonly crypto: Crypto,
    private readonly clock: Clock,
  ) {}

  async addServerKeys(keys: readonly Bytes[]): Promise<void> {
    // The server's own key comes first and is to be the newest here.
    for (const key of [...keys].reverse()) {
      const id = await this.keyIdOf(key)
      this.serverKeyById.delete(id)
      this.serverKeyById.set(id, key)
    }
    dropOldest(this.serverKeyById, MAX_SERVER_KEYS)
    for (const goOn of [...this.waiting.values()]) goOn()
  }

  /** A session of a tab of this origin, or this one: its word about itself counts, as long as no server has given its own. */
  addTab(sessionId: SessionId): void {
    this.tabs.set(sessionId, true)
    dropOldest(this.tabs, MAX_TABS)
  }

  isTab(sessionId: SessionId): boolean {
    return this.tabs.has(sessionId)
  }

  /**
   * The credential, if it is valid now and is this peer's; else undefined. Waits a while for an unknown server key,
   * for the last credential that the peer showed: an earlier one that waits is refused at once.
   */
  async verify(text: string, peer: Peer): Promise<Credential | undefined> {
    const known = this.verified.get(text)
    const sealed = known ? undefined : openCredential(text)
    const credential = known ?? sealed?.credential
    if (!credential || !this.isAcceptable(credential, peer)) return undefined
    const knownKey = this.serverKeyById.get(toHex(credential.keyId))
    // Mostly the key is known: the two take as long as one.
    const isSigned = sealed && knownKey && this.isSigned(sealed, knownKey)
    if ((await this.sessionIdOf(credential)) !== peer.sessionId) return undefined
    if (this.notices.excludes(peer.sessionId, credential)) return undefined
    if (known) return known
    const keyId = toHex(credential.keyId)
    // A session that no server has accepted vouches for itself; no key will ever come for it.
    const isKnown = this.serverKeyById.has(keyId)
    if (!isKnown && keyId === (await this.keyIdOf(credential.signingKey))) return undefined
    const serverKey = await this.serverKey(keyId, peer)
    if (!sealed || !serverKey || !(await (isSigned ?? this.isSigned(sealed, serverKey)))) return undefined
    this.verified.set(text, credential)
    dropOldest(this.verified, MAX_VERIFIED)
    // It may have become known meanwhile.
    return this.notices.excludes(peer.sessionId, credential) ? undefined : credential
  }

  /**
   * The notice in this text, if it is news: of this app, not expired, and by a server key that is known. From now on,
   * until it expires, credentials that it excludes are not accepted.
   */
  async addNotice(text: string): Promise<Notice | undefined> {
    const sealed = openNotice(text)
    if (!sealed || sealed.notice.appId !== this.appId || !this.isNews(sealed.notice)) return undefined
    const { notice, body, signature } = sealed
    const serverKey = this.serverKeyById.get(toHex(notice.keyId))
    if (!serverKey) return undefined
    if (!(await this.crypto.verify(serverKey, noticeSigningInput(body), signature))) return undefined
    // Several may have told it at the same time.
    if (!this.isNews(notice)) return undefined
    this.notices.add(notice, text)
    return notice
  }

  /** Those that count now, sealed, the latest last. */
  get noticeTexts(): readonly string[] {
    return this.notices.texts
  }

  /** Who this sealed credential is about, if it is valid now by a server key that is known already. */
  async introduce(text: string): Promise<Peer | undefined> {
    const credential = this.verified.get(text) ?? openCredential(text)?.credential
    if (!credential || !this.serverKeyById.has(toHex(credential.keyId))) return undefined
    const { userId, loginTime } = credential
    const peer: Peer = { userId, sessionId: await this.sessionIdOf(credential), loginTime }
    return (await this.verify(text, peer)) && peer
  }

  /** In hexadecimal. */
  get serverKeyIds(): Iterable<string> {
    return this.serverKeyById.keys()
  }

  /**
   * Who this sealed credential is about, if it is of this app and a server key that is known, or one of `furtherKeys`
   * by their ids, vouches for it. Also when it has expired: what was signed under it stays signed.
   */
  async verifyAuthor(text: string, furtherKeys: ReadonlyMap<string, Bytes>): Promise<Author | undefined> {
    const sealed = openCredential(text)
    if (!sealed || sealed.credential.appId !== this.appId) return undefined
    const { credential } = sealed
    const keyId = toHex(credential.keyId)
    const sessionId = await this.sessionIdOf(credential)
    const ownKey = this.tabs.has(sessionId) ? credential.signingKey : undefined
    const serverKey = this.serverKeyById.get(keyId) ?? furtherKeys.get(keyId) ?? ownKey
    if (!serverKey || !(await this.isSigned(sealed, serverKey))) return undefined
    return { credential, sessionId, keyId, serverKey }
  }

  /** Nobody waits for server keys any more. */
  close(): void {
    this.isClosed = true
    for (const goOn of [...this.waiting.values()]) goOn()
  }

  private isAcceptable(credential: Credential, peer: Peer): boolean {
    const { appId, userId, expiresAt } = credential
    return appId === this.appId && userId === peer.userId && !this.isOver(expiresAt)
  }

  private isNews(notice: Notice): boolean {
    return !this.isOver(notice.expiresAt) && !this.notices.covers(notice)
  }

  private isOver(expiresAt: number): boolean {
    return this.clock.now() + this.clockOffsetMs > expiresAt + EXPIRY_TOLERANCE_MS
  }

  private async sessionIdOf(credential: Credential): Promise<SessionId> {
    return sessionIdFromHash(await this.crypto.sha256(sessionIdInput(credential)))
  }

  private async keyIdOf(publicKey: Bytes): Promise<string> {
    return toHex((await this.crypto.sha256(publicKey)).subarray(0, KEY_ID_BYTES))
  }

  private isSigned(sealed: SealedCredential, serverKey: Bytes): Promise<boolean> {
    return this.crypto.verify(serverKey, credentialSigningInput(sealed.body), sealed.signature)
  }

  private async serverKey(id: string, peer: Peer): Promise<Bytes | undefined> {
    if (!this.serverKeyById.has(id) && !this.isClosed) await this.nextKeys(peer.sessionId)
    return this.serverKeyById.get(id)
  }

  /** Resolves when server keys were added, after a while without, or when its place is needed for a later one. */
  private nextKeys(sessionId: SessionId): Promise<void> {
    this.waiting.get(sessionId)?.()
    const [longest] = this.waiting.values()
    if (this.waiting.size >= MAX_WAITING) longest?.()
    return new Promise((resolve) => {
      const goOn = (): void => {
        this.waiting.delete(sessionId)
        cancel()
        resolve()
      }
      const cancel: Cancel = this.clock.after(UNKNOWN_KEY_WAIT_MS, goOn)
      this.waiting.set(sessionId, goOn)
    })
  }
}

function dropOldest(map: Map<string, unknown>, limit: number): void {
  for (const key of map.keys()) {
    if (map.size <= limit) return
    map.delete(key)
  }
}
