import type { Bytes } from '../base/bytes.ts'
import type { Clock } from '../base/clock.ts'
import type { ChannelId, SessionId } from '../base/ids.ts'
import type { Log } from '../base/logger.ts'
import type { OpeningEvents, SideChannel, SideChannelEvents, SideChannelOffer } from '../mesh/side-channel.ts'
import { decodeHolding, encodeDocumentLabel, type Holding } from '../protocol/document-messages.ts'
import type { Peer } from '../protocol/peer.ts'
import type { Edition } from './edition.ts'
import { Neighbour, type Path } from './neighbour.ts'
import type { Timers } from './timers.ts'

export interface NeighbourhoodOptions {
  readonly channelId: ChannelId
  readonly clock: Clock
  readonly timers: Timers
  readonly log: Log
  /** Undefined when there is no link, or no place on it. */
  openChannel(peer: Peer, label: Bytes, events: OpeningEvents): SideChannel | undefined
  isLinked(sessionId: SessionId): boolean
}

export interface NeighbourhoodEvents {
  /** A channel to it may be opened: it is linked, or it is time to try again. */
  due(neighbour: Neighbour): void
  /** Its channel is open. */
  opened(neighbour: Neighbour): void
  /** It has said which generation it has, in place of opening a channel for ours. */
  told(neighbour: Neighbour, theirs: Holding): void
  /** It has no channel any more. */
  parted(neighbour: Neighbour): void
  /** It does not count as one who is to be asked first. */
  excused(): void
}

/** Sessions that visit us, beside the holders we know of. */
const MAX_VISITORS = 64
/** Sessions that are gone are remembered with what they did, so that who comes back does not begin anew. */
const MAX_FORMER = 64

/** The sessions that a document is replicated with, and the channel to each: opened, opened again, or refused. */
export class Neighbourhood {
  private readonly neighbours = new Map<SessionId, Neighbour>()
  private readonly former = new Map<SessionId, Neighbour>()

  constructor(
    private readonly options: NeighbourhoodOptions,
    private readonly events: NeighbourhoodEvents,
  ) {}

  get all(): readonly Neighbour[] {
    return [...this.neighbours.values()]
  }

  /** Holders that have not said that they have no part in it, and are listened to. */
  get present(): readonly Neighbour[] {
    return this.all.filter(({ isHolder, isAbsent, isMuted }) => isHolder && !isAbsent && !isMuted)
  }

  get(sessionId: SessionId): Neighbour | undefined {
    return this.neighbours.get(sessionId)
  }

  /** Undefined if there are too many visitors. */
  add(peer: Peer, isHolder: boolean): Neighbour | undefined {
    const known = this.neighbours.get(peer.sessionId)
    if (!known && !isHolder && !this.hasRoomForVisitor()) return undefined
    if (known && (known.isHolder || !isHolder)) return known
    const neighbour = known ?? this.former.get(peer.sessionId) ?? new Neighbour(peer, this.options.clock)
    this.former.delete(peer.sessionId)
    this.neighbours.set(peer.sessionId, neighbour)
    neighbour.isGone = false
    neighbour.isHolder = isHolder
    // Who visits opens the channel.
    if (isHolder) this.tryNow(neighbour)
    return neighbour
  }

  remove(sessionId: SessionId): void {
    const neighbour = this.neighbours.get(sessionId)
    if (!neighbour) return
    this.neighbours.delete(sessionId)
    this.former.set(sessionId, neighbour)
    for (const oldest of this.former.keys()) {
      if (this.former.size <= MAX_FORMER) break
      this.former.delete(oldest)
    }
    neighbour.isGone = true
    neighbour.isAbsent = false
    this.part(neighbour)
    this.events.excused()
  }

  linked(sessionId: SessionId): void {
    const neighbour = this.neighbours.get(sessionId)
    if (neighbour) this.tryNow(neighbour)
  }

  unlinked(sessionId: SessionId): void {
    const neighbour = this.neighbours.get(sessionId)
    if (neighbour) this.part(neighbour)
  }

  /** Whoever is linked, now. */
  tryAll(except?: Neighbour): void {
    for (const neighbour of this.all) if (neighbour !== except) this.tryNow(neighbour)
  }

  /** Opens a channel for an edition, unless there is one. */
  open(neighbour: Neighbour, edition: Edition, holding: Holding): void {
    if (neighbour.path?.edition === edition || neighbour.isMuted) return
    const label = encodeDocumentLabel({ channelId: this.options.channelId, ...holding })
    const path = this.connect(neighbour, edition, true, (events) =>
      this.options.openChannel(neighbour.peer, label, {
        ...events,
        opened: () => path && this.opened(neighbour, path),
        refused: (answer) => path && this.refused(neighbour, path, answer),
      }),
    )
    if (!path) this.tryAgain(neighbour)
  }

  accept(neighbour: Neighbour, edition: Edition, offer: SideChannelOffer): void {
    const path = this.connect(neighbour, edition, false, (events) => offer.accept(events))
    if (path) this.opened(neighbour, path)
  }

  /** After a while: either side may just have changed its mind. */
  tryAgain(neighbour: Neighbour): void {
    const waitMs = neighbour.failed()
    this.events.parted(neighbour)
    if (neighbour.isHolder) this.tryIn(waitMs, neighbour)
  }

  /** All channels for this edition are closed. */
  leave(edition: Edition): void {
    for (const neighbour of this.all) if (neighbour.path?.edition === edition) neighbour.disconnect()
  }

  /** What it does, nobody may do: for a while it is not listened to. */
  breach(neighbour: Neighbour, fault: string): void {
    const details = { from: neighbour.peer.userId, channel: this.options.channelId, why: fault }
    this.options.log('warn', 'A holder of a shared document is not listened to for a while', details)
    const muteMs = neighbour.mute()
    this.part(neighbour)
    if (neighbour.isHolder) this.tryIn(muteMs, neighbour)
    this.events.excused()
  }

  close(): void {
    for (const neighbour of this.all) neighbour.disconnect()
    this.neighbours.clear()
  }

  private hasRoomForVisitor(): boolean {
    const visitors = this.all.filter(({ isHolder }) => !isHolder)
    if (visitors.length < MAX_VISITORS) return true
    const former = visitors.find(({ path, isMuted }) => !path && !isMuted)
    if (former) this.remove(former.peer.sessionId)
    return former !== undefined
  }

  private connect(
    neighbour: Neighbour,
    edition: Edition,
    isOffered: boolean,
    open: (events: SideChannelEvents) => SideChannel | undefined,
  ): Path | undefined {
    neighbour.disconnect()
    const isPresent = (): boolean => path !== undefined && neighbour.path === path
    const connection = edition.replica.connect(open, {
      admits: (byteCount, isNews) => neighbour.admits(byteCount, isNews),
      closed: () => isPresent() && this.tryAgain(neighbour),
      breach: (fault) => isPresent() && this.breach(neighbour, fault),
    })
    const path: Path | undefined = connection && { edition, connection, isOffered, openedAt: undefined }
    neighbour.path = path
    return path
  }

  private opened(neighbour: Neighbour, path: Path): void {
    if (neighbour.path !== path) return
    path.openedAt = this.options.clock.now()
    neighbour.isAbsent = false
    void path.connection.start()
    this.events.opened(neighbour)
  }

  private refused(neighbour: Neighbour, path: Path, answer: Uint8Array): void {
    if (neighbour.path !== path) return
    this.tryAgain(neighbour)
    const theirs = decodeHolding(answer)
    if (theirs) this.events.told(neighbour, theirs)
    if (answer.byteLength > 0) return
    neighbour.isAbsent = true
    this.events.excused()
  }

  private part(neighbour: Neighbour): void {
    neighbour.disconnect()
    neighbour.lacks = undefined
    this.events.parted(neighbour)
  }

  private tryNow(neighbour: Neighbour): void {
    if (this.options.isLinked(neighbour.peer.sessionId)) this.events.due(neighbour)
  }

  private tryIn(delayMs: number, neighbour: Neighbour): void {
    if (neighbour.isTriedAgain) return
    neighbour.isTriedAgain = true
    this.options.timers.after(delayMs, () => {
      neighbour.isTriedAgain = false
      if (neighbour.isGone) return
      if (neighbour.isMuted) this.tryIn(neighbour.mutedMs, neighbour)
      else this.tryNow(neighbour)
    })
  }
}
