import type { Cancel } from '../base/clock.ts'
import type { ChannelId, SessionId } from '../base/ids.ts'
import { describeError } from '../base/logger.ts'
import type { AttributeChange } from '../documents/attribute.ts'
import type { SharedDocument, SharedDocumentOptions } from '../documents/shared-document.ts'
import { encodeItem } from '../protocol/items.ts'
import type { Member, Peer } from '../protocol/peer.ts'
import { applyChannelChange } from './attribute-change.ts'
import type { ChannelReadResult, ChannelWriteResult } from './channel-attribute-operations.ts'
import type { AttributeRoom, ChannelAttributesOptions } from './channel-attributes-options.ts'
import { timeouts } from './limits.ts'

/** Without having joined, so many sessions that have the document are enough to read it and to leave a write with. */
const MAX_VISITED = 3
/** Those may have nothing either: then further ones are asked, so many in all. */
const MAX_ASKED = 12
/** Who has the document is asked anew at the first call after this. */
const LOOK_AGAIN_MS = 2_000
/** Who has it is asked again so long after nobody could tell. */
const ASK_AGAIN_MS = 500
/** What may come for a document that is still being opened. */
const MAX_WAITING = 256

/** The attributes of one channel: their document, and with whom it is shared while the channel is joined or visited. */
export class AttributePlace {
  private room: AttributeRoom | undefined
  private document: SharedDocument | undefined
  private opening: Promise<SharedDocument | undefined> | undefined
  private readonly waiting: ((document: SharedDocument) => void)[] = []
  /** Links that a visit needs. */
  private readonly releaseBySession = new Map<SessionId, Cancel>()
  /** Who has the document, or visits it too, as was said last; the nearest first. */
  private named: readonly Peer[] = []
  private searching: Promise<unknown> | undefined
  private usedAt: number
  private lookedAt = -Infinity
  private looking: Promise<void> = Promise.resolve()
  private askingAgain: Promise<void> | undefined
  private askNow = (): void => undefined
  /** The rendezvous could tell who has the document. */
  private isFound = false
  private isClosed = false

  constructor(
    private readonly options: ChannelAttributesOptions,
    private readonly channelId: ChannelId,
  ) {
    this.usedAt = options.clock.now()
  }

  get isJoined(): boolean {
    return this.room !== undefined
  }

  /** Somebody must have the document, and nobody else does. */
  get isNeeded(): boolean {
    return this.isJoined || (this.document?.isShared === false && this.document.hasContent)
  }

  get idleMs(): number {
    return this.options.clock.now() - this.usedAt
  }

  joined(room: AttributeRoom): void {
    this.room = room
    this.endVisit()
    this.use((document) => {
      document.isMember = true
      for (const member of room.members()) document.addHolder(member)
    })
    this.lookAround()
  }

  /** Somebody may have it without having joined; after a return perhaps others than before. */
  lookAround(): void {
    if (this.room ? this.room.members().length === 0 : this.isNeeded) void this.visit()
  }

  /** If nobody else is left who has what is in it, this session goes on having it. */
  left(): void {
    this.room = undefined
    if (!this.document) return
    this.document.isMember = false
    // The rendezvous is told that the channel was left after this: before, a visit would only be a question.
    if (this.isNeeded) void Promise.resolve().then(() => this.visit())
  }

  memberJoined(member: Member): void {
    this.use((document) => document.addHolder(member))
  }

  /** It has left, or its session is over. */
  gone(sessionId: SessionId): void {
    this.named = this.named.filter((peer) => peer.sessionId !== sessionId)
    this.releaseBySession.get(sessionId)?.()
    this.releaseBySession.delete(sessionId)
    this.document?.remove(sessionId)
  }

  /** Nobody knows it. Of members the room tells when they are gone; of those without a room nobody may ever tell. */
  notFound(sessionId: SessionId): void {
    const isMember = this.room?.members().some((member) => member.sessionId === sessionId)
    if (isMember !== true) this.gone(sessionId)
  }

  /** With the document, now or when it is open. */
  use(run: (document: SharedDocument) => void): void {
    if (this.document) return run(this.document)
    if (this.waiting.length < MAX_WAITING) this.waiting.push(run)
    void this.open()
  }

  /** The document, if it is open. */
  get present(): SharedDocument | undefined {
    return this.document
  }

  async read(keys: readonly string[] | undefined): Promise<ChannelReadResult> {
    const document = await this.arrive()
    if (!document) return 'failure'
    if (!document.hasContent && !(await this.isTold(document))) return 'timeout'
    await this.search(document)
    const attributes = await document.read()
    return attributes?.filter(({ key }) => !keys || keys.includes(key)) ?? 'timeout'
  }

  async write(change: AttributeChange, notify: boolean): Promise<ChannelWriteResult> {
    const document = await this.arrive()
    if (!document) return 'failure'
    await this.search(document)
    const result = await document.write(change, applyChannelChange, notify)
    if (result !== 'ok' || this.isKnown(document)) return result
    // Those who turn up after the write may not have it yet.
    return (await this.isTold(document)) && document.isAlone ? 'ok' : 'timeout'
  }

  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.endVisit()
    this.askNow()
    void this.document?.close()
  }

  private endVisit(): void {
    if (this.lookedAt > -Infinity) this.options.rendezvous.endVisit(this.channelId)
    this.lookedAt = -Infinity
    this.named = []
    for (const release of this.releaseBySession.values()) release()
    this.releaseBySession.clear()
  }

  /** The open document, among those who have it. */
  private async arrive(): Promise<SharedDocument | undefined> {
    const document = await this.open()
    if (document && !this.isJoined) await this.visit()
    return document
  }

  /** Whether it is known who else has it, if anybody. */
  private isKnown(document: SharedDocument): boolean {
    return this.isJoined || this.isFound || !document.isAlone
  }

  /** The same; while nobody can tell, it is asked until the call is out of time. */
  private async isTold(document: SharedDocument): Promise<boolean> {
    const { clock } = this.options
    const end = clock.now() + timeouts.attributesMs
    while (!this.isKnown(document) && !this.isClosed && clock.now() < end) {
      await this.askAgain()
    }
    return this.isKnown(document)
  }

  /** In a while; all that wait for it ask together. */
  private askAgain(): Promise<void> {
    const { clock } = this.options
    this.askingAgain ??= new Promise((resolve) => {
      this.askNow = () => {
        cancel()
        this.askingAgain = undefined
        this.lookedAt = Math.min(this.lookedAt, clock.now() - LOOK_AGAIN_MS)
        resolve(this.visit())
      }
      const cancel = clock.after(ASK_AGAIN_MS, this.askNow)
    })
    return this.askingAgain
  }

  /** Among those who have the document, as far as they can be found. */
  private visit(): Promise<void> {
    const now = this.options.clock.now()
    this.usedAt = now
    if (this.isClosed || now - this.lookedAt < LOOK_AGAIN_MS) return this.looking
    this.lookedAt = now
    this.looking = this.look()
    return this.looking
  }

  private async look(): Promise<void> {
    const { rendezvous, mesh } = this.options
    const holders = await rendezvous.visit(this.channelId)
    this.isFound = holders !== undefined
    const byNearness = [...(holders ?? [])].sort(
      (a, b) => Number(mesh.isLinked(b.sessionId)) - Number(mesh.isLinked(a.sessionId)),
    )
    this.named = byNearness
    for (const peer of byNearness.slice(0, MAX_VISITED)) this.stayWith(peer)
  }

  /** Until somebody has something, or all who may be asked have nothing. All calls wait for one search, in order. */
  private async search(document: SharedDocument): Promise<void> {
    if (!this.searching && (this.isJoined || document.hasContent)) return
    this.searching ??= this.askFurther(document).finally(() => (this.searching = undefined))
    await this.searching
  }

  private async askFurther(document: SharedDocument): Promise<void> {
    for (;;) {
      await document.read()
      if (this.isJoined || this.isClosed || document.hasContent) return
      const unasked = this.named.filter(({ sessionId }) => !this.releaseBySession.has(sessionId))
      if (unasked.length === 0 || this.releaseBySession.size >= MAX_ASKED) return
      for (const peer of unasked.slice(0, MAX_VISITED)) this.stayWith(peer)
    }
  }

  private stayWith(peer: Peer): void {
    if (this.isClosed || this.releaseBySession.has(peer.sessionId)) return
    this.releaseBySession.set(peer.sessionId, this.options.mesh.hold(peer, false))
    this.use((document) => document.addHolder(peer))
  }

  private open(): Promise<SharedDocument | undefined> {
    this.opening ??= this.tryToOpen().catch((error: unknown) => {
      this.options.log('error', 'A shared document could not be opened', { error: describeError(error) })
      return undefined
    })
    return this.opening
  }

  private async tryToOpen(): Promise<SharedDocument | undefined> {
    const documents = await this.options.documents.load()
    if (!documents) {
      this.opening = undefined
      return undefined
    }
    const document = await documents.SharedDocument.open(
      await this.documentOptions(),
      {
        updated: (attributes) => this.room?.attributesUpdated(attributes),
        forward: (message, except) => this.forward(message, except),
      },
      this.isJoined,
    )
    if (this.isClosed) {
      await document.close()
      return undefined
    }
    this.document = document
    document.isMember = this.isJoined
    for (const run of this.waiting.splice(0)) run(document)
    return document
  }

  private async documentOptions(): Promise<SharedDocumentOptions> {
    const { channelId, options } = this
    const { appId, userId, identity, crypto, trust, clock, log, mesh, settings } = options
    return {
      appId,
      channelId,
      me: { userId, sessionId: identity.sessionId },
      clock,
      log,
      crypto,
      store: await options.store,
      now: () => options.now(),
      ttlMs: () => settings.channelAttributesTtlMs,
      sign: (input) => identity.signingKey.sign(input),
      credential: () => options.credential(),
      verifyAuthor: (credential, furtherKeys) => trust.verifyAuthor(credential, furtherKeys),
      serverKeyIds: () => trust.serverKeyIds,
      openChannel: (peer, label, events) => mesh.openChannel(peer, label, events),
      isLinked: (sessionId) => mesh.isLinked(sessionId),
      send: (peer, message) => this.send(peer, message),
    }
  }

  private forward(message: Uint8Array<ArrayBuffer>, except: Peer): void {
    for (const member of this.room?.members() ?? []) {
      if (member.sessionId !== except.sessionId) this.send(member, message)
    }
  }

  private send(peer: Peer, message: Uint8Array<ArrayBuffer>): void {
    const item = encodeItem({ kind: 'document', channelId: this.channelId, message })
    this.options.mesh.send(peer, item, () => undefined)
  }
}
