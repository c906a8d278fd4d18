import type { Cancel } from '../base/clock.ts'
import type { ChannelId, SessionId } from '../base/ids.ts'
import type { Peer } from '../protocol/peer.ts'
import type { ChannelAttributesOptions } from './channel-attributes-options.ts'

/** Whose visit it is. */
export interface AttributeVisitor {
  /** Whether this session is in the channel. */
  readonly isJoined: boolean
  /** Somebody must have the document, and nobody else does. */
  readonly isNeeded: boolean
  /** It may have the document. */
  met(peer: Peer): void
  /** It was met, and is not asked any more. */
  gone(sessionId: SessionId): void
}

/** Without having joined, so many sessions that have the document are enough to read it and to leave a write with. */
const MAX_VISITED = 3
/** Those may have nothing either: then further ones are asked, so many in all. */
const MAX_ASKED = 12
/** Who has the document is asked anew at the first call after this. */
const LOOK_AGAIN_MS = 2_000
/** Who has it is asked again so long after nobody could tell. */
const ASK_AGAIN_MS = 500
/**
 * Who alone has a document that is not empty looks for others so long after the last look, and after twice as long each
 * time: after the loss of a server all are back within 10 s, but who of them is back first finds nobody.
 */
const LONGEST_WAIT_MS = 30_000

/** Who else has a channel's document, as a rendezvous says, and the links to them as long as they are needed. */
export class AttributeVisit {
  private readonly releaseBySession = new Map<SessionId, Cancel>()
  /** Who has the document, or visits it too, as was said last; the nearest first. */
  private named: readonly Peer[] = []
  private lookedAt = -Infinity
  private looking: Promise<void> = Promise.resolve()
  private lookingSoon: Promise<void> | undefined
  private lookAtOnce = (): void => undefined
  private waitMs = LOOK_AGAIN_MS
  private cancelWait: Cancel = () => undefined
  private hasAnswer = false
  private isClosed = false

  constructor(
    private readonly options: ChannelAttributesOptions,
    private readonly channelId: ChannelId,
    private readonly visitor: AttributeVisitor,
  ) {}

  /** The rendezvous could tell who has the document. */
  get isTold(): boolean {
    return this.hasAnswer
  }

  /** Resolves when the rendezvous has told, or cannot; it is not asked anew in each call. */
  look(): Promise<void> {
    const isFresh = this.options.clock.now() - this.lookedAt < LOOK_AGAIN_MS
    return isFresh ? this.looking : this.lookNow()
  }

  /** The same, of a rendezvous that may have forgotten everybody, or name others than before. */
  lookAnew(): void {
    this.waitMs = LOOK_AGAIN_MS
    void this.lookNow()
  }

  /** In a while; all that wait for it ask together. */
  lookSoon(): Promise<void> {
    const { clock } = this.options
    this.lookingSoon ??= new Promise((resolve) => {
      this.lookAtOnce = () => {
        cancel()
        this.lookingSoon = undefined
        resolve(this.lookNow())
      }
      const cancel = clock.after(ASK_AGAIN_MS, this.lookAtOnce)
    })
    return this.lookingSoon
  }

  /** Further ones that were named are asked; false if there are none, or too many were asked. */
  goFurther(): boolean {
    const unasked = this.named.filter(({ sessionId }) => !this.releaseBySession.has(sessionId))
    if (unasked.length === 0 || this.releaseBySession.size >= MAX_ASKED) return false
    for (const peer of unasked.slice(0, MAX_VISITED)) this.stayWith(peer)
    return true
  }

  /** It is over. */
  forget(sessionId: SessionId): void {
    this.named = this.named.filter((peer) => peer.sessionId !== sessionId)
    this.releaseBySession.get(sessionId)?.()
    this.releaseBySession.delete(sessionId)
  }

  /** Until the next look. */
  end(): void {
    this.cancelWait()
    this.waitMs = LOOK_AGAIN_MS
    if (this.lookedAt > -Infinity) this.options.rendezvous.endVisit(this.channelId)
    this.lookedAt = -Infinity
    this.named = []
    for (const release of this.releaseBySession.values()) release()
    this.releaseBySession.clear()
  }

  close(): void {
    this.isClosed = true
    this.end()
    this.lookAtOnce()
  }

  private lookNow(): Promise<void> {
    if (this.isClosed) return this.looking
    this.lookedAt = this.options.clock.now()
    this.looking = this.ask()
    this.lookLater()
    return this.looking
  }

  private async ask(): Promise<void> {
    const { rendezvous, mesh } = this.options
    const holders = await rendezvous.visit(this.channelId)
    this.hasAnswer = holders !== undefined
    this.named = [...(holders ?? [])].sort(
      (a, b) => Number(mesh.isLinked(b.sessionId)) - Number(mesh.isLinked(a.sessionId)),
    )
    for (const peer of this.named.slice(0, MAX_VISITED)) this.stayWith(peer)
  }

  /** Members are found by whoever alone has something; that one looks as long as it has. */
  private lookLater(): void {
    this.cancelWait()
    if (this.visitor.isJoined) return
    this.cancelWait = this.options.clock.after(this.waitMs, () => {
      this.waitMs = Math.min(2 * this.waitMs, LONGEST_WAIT_MS)
      if (this.visitor.isNeeded) void this.lookNow()
      else this.lookLater()
    })
  }

  private stayWith(peer: Peer): void {
    if (this.isClosed || this.releaseBySession.has(peer.sessionId)) return
    const [oldest] = this.releaseBySession.keys()
    // Whoever looks for long meets many; the one that was met first has had its time.
    if (oldest !== undefined && this.releaseBySession.size >= MAX_ASKED) this.visitor.gone(oldest)
    this.releaseBySession.set(peer.sessionId, this.options.mesh.hold(peer, false))
    this.visitor.met(peer)
  }
}
