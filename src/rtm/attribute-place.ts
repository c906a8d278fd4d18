import type { ChannelId, SessionId } from '../base/ids.ts'
import { describeError } from '../base/logger.ts'
import type { AttributeChange } from '../documents/attribute.ts'
import type { SharedDocument, SharedDocumentOptions } from '../documents/shared-document.ts'
import { encodeItem } from '../protocol/items.ts'
import type { Member, Peer } from '../protocol/peer.ts'
import { applyChannelChange } from './attribute-change.ts'
import { AttributeVisit, type AttributeVisitor } from './attribute-visit.ts'
import type { ChannelReadResult, ChannelWriteResult } from './channel-attribute-operations.ts'
import type { AttributeRoom, ChannelAttributesOptions } from './channel-attributes-options.ts'
import { timeouts } from './limits.ts'

/** What may come for a document that is still being opened. */
const MAX_WAITING = 256

/** The attributes of one channel: their document, and with whom it is shared while the channel is joined or visited. */
export class AttributePlace implements AttributeVisitor {
  private room: AttributeRoom | undefined
  private document: SharedDocument | undefined
  private opening: Promise<SharedDocument | undefined> | undefined
  private readonly waiting: ((document: SharedDocument) => void)[] = []
  private searching: Promise<unknown> | undefined
  private usedAt: number
  private readonly visit: AttributeVisit
  private isClosed = false

  constructor(
    private readonly options: ChannelAttributesOptions,
    private readonly channelId: ChannelId,
  ) {
    this.usedAt = options.clock.now()
    this.visit = new AttributeVisit(options, channelId, this)
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
    this.visit.end()
    this.use((document) => {
      document.isMember = true
      for (const member of room.members()) document.addHolder(member)
    })
    this.lookAround()
  }

  /** Somebody may have it without having joined; after a return perhaps others than before. */
  lookAround(): void {
    if (this.room ? this.room.members().length === 0 : this.isNeeded) this.visit.lookAnew()
  }

  /** If nobody else is left who has what is in it, this session goes on having it. */
  left(): void {
    this.room = undefined
    if (!this.document) return
    this.document.isMember = false
    // The rendezvous is told that the channel was left after this: before, a visit would only be a question.
    if (this.isNeeded) void Promise.resolve().then(() => this.lookAround())
  }

  memberJoined(member: Member): void {
    this.use((document) => document.addHolder(member))
  }

  /** Somebody who may have it. A member brings it to those who join later, who ask nobody but members. */
  met(peer: Peer): void {
    this.usedAt = this.options.clock.now()
    this.use((document) => {
      document.addHolder(peer, this.isJoined)
      if (this.isJoined) document.inquire()
    })
  }

  /** It has left, or its session is over. */
  gone(sessionId: SessionId): void {
    this.visit.forget(sessionId)
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
    const begunAt = this.options.clock.now()
    const document = await this.arrive()
    if (!document) return 'failure'
    if (!document.hasContent && !(await this.isTold(document))) return 'timeout'
    await this.search(document)
    const attributes = await document.read(begunAt)
    return attributes?.filter(({ key }) => !keys || keys.includes(key)) ?? 'timeout'
  }

  async write(change: AttributeChange, notify: boolean): Promise<ChannelWriteResult> {
    const document = await this.arrive()
    if (!document) return 'failure'
    await this.search(document)
    const result = await document.write(change, applyChannelChange, notify)
    if (result !== 'ok' || this.isKnown(document)) return result
    if (!(await this.isTold(document))) return 'timeout'
    // Those who turned up after the write may not have it yet.
    await document.tell(notify)
    return 'ok'
  }

  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.visit.close()
    void this.document?.close()
  }

  /** The open document, among those who have it. */
  private async arrive(): Promise<SharedDocument | undefined> {
    const document = await this.open()
    this.usedAt = this.options.clock.now()
    if (document && !this.isJoined) await this.visit.look()
    return document
  }

  /** Whether it is known who else has it, if anybody. */
  private isKnown(document: SharedDocument): boolean {
    return this.isJoined || this.visit.isTold || !document.isAlone
  }

  /** The same; while nobody can tell, it is asked until the call is out of time. */
  private async isTold(document: SharedDocument): Promise<boolean> {
    const { clock } = this.options
    const end = clock.now() + timeouts.attributesMs
    while (!this.isKnown(document) && !this.isClosed && clock.now() < end) {
      await this.visit.lookSoon()
    }
    return this.isKnown(document)
  }

  /** Until somebody has something, or all who may be asked have nothing. All calls wait for one search, in order. */
  private async search(document: SharedDocument): Promise<void> {
    if (!this.searching && (this.isJoined || document.hasContent)) return
    this.searching ??= this.askFurther(document).finally(() => (this.searching = undefined))
    await this.searching
  }

  private async askFurther(document: SharedDocument): Promise<void> {
    for (;;) {
      await document.ask()
      if (this.isJoined || this.isClosed || document.hasContent) return
      if (!this.visit.goFurther()) return
    }
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
