import type { Clock } from '../base/clock.ts'
import type { ChannelId, SessionId } from '../base/ids.ts'
import type { AttributeChange } from '../documents/attribute.ts'
import type { SideChannelOffer } from '../mesh/side-channel.ts'
import { labelledChannel, NOT_HERE, NOT_YET } from '../protocol/document-refusals.ts'
import type { Item } from '../protocol/items.ts'
import type { Member, Peer } from '../protocol/peer.ts'
import type {
  ChannelAttributeOperations,
  ChannelReadResult,
  ChannelWriteResult,
} from './channel-attribute-operations.ts'
import type { ChannelAttributes } from './channel-attributes.ts'
import type { AttributeRoom } from './channel-attributes-options.ts'
import { LatePart } from './late-part.ts'
import type { RoomAttributes } from './room.ts'
import type { Settling } from './settling.ts'

type DocumentItem = Extract<Item, { kind: 'document' }>

/** What may come before the file is there. */
const MAX_EARLY = 256

/**
 * The attributes of channels, whose code is a file of its own. What happens before it is there is told to it then;
 * where it does not come, calls fail, and the next one asks for it again.
 */
export class LateChannelAttributes implements ChannelAttributeOperations, RoomAttributes {
  private readonly late: LatePart<ChannelAttributes>
  private readonly rooms = new Map<ChannelId, AttributeRoom>()
  private readonly early: [from: Peer, item: DocumentItem][] = []
  /** Joined channels whose document somebody has offered. */
  private readonly offeredEarly = new Set<ChannelId>()

  constructor(
    clock: Clock,
    private readonly settling: Settling,
    make: () => Promise<ChannelAttributes | undefined>,
  ) {
    this.late = new LatePart(clock, make, (attributes) => this.arrived(attributes))
  }

  /** What keeps them, if the file is there. */
  get present(): ChannelAttributes | undefined {
    return this.late.present
  }

  write(
    channelId: ChannelId,
    change: AttributeChange,
    notify: boolean,
    done: (result: ChannelWriteResult) => void,
  ): void {
    this.late.call<ChannelWriteResult>(
      (attributes, finish) => attributes.write(channelId, change, notify, finish),
      done,
    )
  }

  read(
    channelId: ChannelId,
    keys: readonly string[] | undefined,
    done: (result: ChannelReadResult) => void,
  ): void {
    this.late.call<ChannelReadResult>((attributes, finish) => attributes.read(channelId, keys, finish), done)
  }

  joined(channelId: ChannelId, room: AttributeRoom): void {
    this.rooms.set(channelId, room)
    if (this.present) this.present.joined(channelId, room)
    else this.settling.whenSettled(() => void this.late.load())
  }

  left(channelId: ChannelId): void {
    this.rooms.delete(channelId)
    this.offeredEarly.delete(channelId)
    this.present?.left(channelId)
  }

  memberJoined(channelId: ChannelId, member: Member): void {
    if (this.present) this.present.memberJoined(channelId, member)
    else this.settling.whenSettled(() => this.late.loadForOthers())
  }

  memberLeft(channelId: ChannelId, member: Member): void {
    this.present?.memberLeft(channelId, member)
  }

  linked(peer: Peer): void {
    this.present?.linked(peer)
  }

  unlinked(peer: Peer): void {
    this.present?.unlinked(peer)
  }

  gone(sessionId: SessionId): void {
    this.present?.gone(sessionId)
  }

  notFound(sessionId: SessionId): void {
    this.present?.notFound(sessionId)
  }

  up(): void {
    if (this.present) this.present.up()
    // Soon, while the network is there.
    else this.settling.whenSettled(() => void this.late.load())
  }

  renew(): void {
    this.present?.renew()
  }

  offered(offer: SideChannelOffer): void {
    if (this.present) return this.present.offered(offer)
    const channelId = labelledChannel(offer.label)
    if (channelId === undefined || !this.rooms.has(channelId)) return offer.refuse(NOT_HERE)
    offer.refuse(NOT_YET)
    this.offeredEarly.add(channelId)
    this.settling.whenSettled(() => this.late.loadForOthers())
  }

  receive(from: Peer, item: DocumentItem): void {
    if (this.present) return this.present.receive(from, item)
    if (!this.rooms.has(item.channelId)) return
    if (this.early.length < MAX_EARLY) this.early.push([from, item])
    this.late.loadForOthers()
  }

  close(): void {
    this.late.close()
  }

  private arrived(attributes: ChannelAttributes): void {
    for (const [channelId, room] of this.rooms) attributes.joined(channelId, room)
    for (const [from, item] of this.early.splice(0)) attributes.receive(from, item)
    for (const channelId of this.offeredEarly) attributes.inquire(channelId)
    this.offeredEarly.clear()
  }
}
