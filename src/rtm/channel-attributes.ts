import type { Cancel } from '../base/clock.ts'
import type { ChannelId, SessionId } from '../base/ids.ts'
import type { AttributeChange } from '../documents/attribute.ts'
import type { SideChannelOffer } from '../mesh/side-channel.ts'
import { decodeDocumentLabel, NOT_HERE, NOT_YET } from '../protocol/document-messages.ts'
import type { Item } from '../protocol/items.ts'
import type { Member, Peer } from '../protocol/peer.ts'
import { AttributePlace } from './attribute-place.ts'
import type {
  ChannelAttributeOperations,
  ChannelReadResult,
  ChannelWriteResult,
} from './channel-attribute-operations.ts'
import type { AttributeRoom, ChannelAttributesOptions } from './channel-attributes-options.ts'
import { timeouts } from './limits.ts'

/** A channel that was visited is left when nothing was done with its attributes for this long. */
const VISIT_MS = 60_000
/** Channels that are not joined and whose attributes only this session has: as many as a server lets it visit. */
const MAX_VISITS = 20

/** The attributes of all channels that one session has joined, or only reads and writes. */
export class ChannelAttributes implements ChannelAttributeOperations {
  private readonly places = new Map<ChannelId, AttributePlace>()
  /** What ends each call that is not answered yet. */
  private readonly failures = new Set<() => void>()
  private cancelSweep: Cancel | undefined
  private isClosed = false

  constructor(private readonly options: ChannelAttributesOptions) {}

  write(
    channelId: ChannelId,
    change: AttributeChange,
    notify: boolean,
    done: (result: ChannelWriteResult) => void,
  ): void {
    this.inTime<ChannelWriteResult>(this.visited(channelId).write(change, notify), done)
  }

  read(
    channelId: ChannelId,
    keys: readonly string[] | undefined,
    done: (result: ChannelReadResult) => void,
  ): void {
    this.inTime<ChannelReadResult>(this.visited(channelId).read(keys), done)
  }

  /** The channel is joined. */
  joined(channelId: ChannelId, room: AttributeRoom): void {
    this.place(channelId).joined(room)
  }

  left(channelId: ChannelId): void {
    const place = this.places.get(channelId)
    place?.left()
    if (place && !place.isNeeded) this.end(channelId, place)
    else this.sweepLater()
  }

  memberJoined(channelId: ChannelId, member: Member): void {
    this.places.get(channelId)?.memberJoined(member)
  }

  memberLeft(channelId: ChannelId, { sessionId }: Member): void {
    this.places.get(channelId)?.gone(sessionId)
  }

  linked({ sessionId }: Peer): void {
    for (const { present } of this.places.values()) present?.linked(sessionId)
  }

  unlinked({ sessionId }: Peer): void {
    for (const { present } of this.places.values()) present?.unlinked(sessionId)
  }

  /** Its session is over, or nobody hears of it any more. */
  gone(sessionId: SessionId): void {
    for (const place of this.places.values()) place.gone(sessionId)
  }

  /** Nobody knows it. */
  notFound(sessionId: SessionId): void {
    for (const place of this.places.values()) place.notFound(sessionId)
  }

  /** A rendezvous has accepted this session, for the first time or again. */
  up(): void {
    this.renew()
    for (const place of this.places.values()) place.lookAround()
  }

  offered(offer: SideChannelOffer): void {
    const label = decodeDocumentLabel(offer.label)
    const place = label && this.places.get(label.channelId)
    if (!place) return offer.refuse(NOT_HERE)
    if (place.present) return place.present.offered(offer, label)
    offer.refuse(NOT_YET)
    place.use((document) => document.inquire())
  }

  /** Somebody has offered this channel's document before anything of it was here. */
  inquire(channelId: ChannelId): void {
    this.places.get(channelId)?.use((document) => document.inquire())
  }

  receive(from: Peer, { channelId, message }: Extract<Item, { kind: 'document' }>): void {
    this.places.get(channelId)?.use((document) => document.receive(from, message))
  }

  /** The own credential was renewed, or server keys came. */
  renew(): void {
    for (const { present } of this.places.values()) void present?.renew()
  }

  close(): void {
    this.isClosed = true
    this.cancelSweep?.()
    for (const place of this.places.values()) place.close()
    this.places.clear()
    for (const fail of [...this.failures]) fail()
  }

  private visited(channelId: ChannelId): AttributePlace {
    const place = this.place(channelId)
    // The last one to be used is the last one to be left.
    this.places.delete(channelId)
    this.places.set(channelId, place)
    this.sweepLater()
    return place
  }

  private place(channelId: ChannelId): AttributePlace {
    const known = this.places.get(channelId)
    if (known) return known
    const place = new AttributePlace(this.options, channelId)
    this.places.set(channelId, place)
    return place
  }

  private inTime<Result>(
    work: Promise<Result>,
    done: (result: Result | 'timeout' | 'failure') => void,
  ): void {
    let isDone = false
    const finish = (result: Result | 'timeout' | 'failure'): void => {
      if (isDone) return
      isDone = true
      cancel()
      this.failures.delete(fail)
      done(result)
    }
    const fail = (): void => finish('failure')
    const cancel = this.options.clock.after(timeouts.attributesMs, () => finish('timeout'))
    this.failures.add(fail)
    void work.then(finish)
  }

  private sweepLater(): void {
    if (!this.isClosed) this.cancelSweep ??= this.options.clock.after(VISIT_MS, () => this.sweep())
  }

  private sweep(): void {
    this.cancelSweep = undefined
    const visits = [...this.places].filter(([, place]) => !place.isJoined)
    const kept = visits.filter(([, place]) => place.isNeeded || place.idleMs < VISIT_MS).slice(-MAX_VISITS)
    for (const [channelId, place] of visits) {
      if (!kept.some(([keptId]) => keptId === channelId)) this.end(channelId, place)
    }
    if (kept.length > 0) this.sweepLater()
  }

  private end(channelId: ChannelId, place: AttributePlace): void {
    this.places.delete(channelId)
    place.close()
  }
}
