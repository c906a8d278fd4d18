import { encodeBytes } from '../../src/protocol/codec.ts'
import { decodePacket } from '../../src/protocol/frames.ts'
import type { Peer } from '../../src/protocol/peer.ts'
import type { Link } from '../../src/mesh/link.ts'
import type { Linker, LinkerEvents } from '../../src/mesh/linker.ts'
import type { OpeningEvents, SideChannelEvents, SideChannelOffer } from '../../src/mesh/side-channel.ts'
import { SideChannels } from '../../src/mesh/side-channels.ts'

/** One side of a pair of sessions that are linked in a test: writes down what it hears. Runs in pages too. */
export class LinkSide {
  readonly linker: Linker
  /** All links that were opened, the latest last. */
  readonly links: Link[] = []
  /** In words, of links by their epoch: `1 opened`, `1 closed`, `1 drained`, `failed: …`. */
  readonly heard: string[] = []
  /** Why links were closed. */
  readonly reasons: string[] = []
  readonly packets: Uint8Array[] = []
  beatCount = 0
  /** What becomes of side channels that the other opens. */
  offered: (offer: SideChannelOffer) => void = () => undefined
  /** Packets of this link are about side channels. */
  private used: { readonly link: Link; readonly channels: SideChannels } | undefined
  onDrained: () => void = () => undefined

  constructor(
    readonly self: Peer,
    readonly peer: Peer,
    makeLinker: (events: LinkerEvents) => Linker,
    private readonly happened: () => void,
  ) {
    this.linker = makeLinker({
      opened: (link) => {
        this.links.push(link)
        this.note(`${link.epoch} opened`)
      },
      failed: (_, sentence) => this.note(`failed: ${sentence}`),
      admit: () => true,
      missed: () => this.note('missed'),
      isWanted: () => true,
      exhausted: () => this.note('exhausted'),
      packet: (link, packet) => this.receive(link, packet),
      beat: () => {
        this.beatCount += 1
        happened()
      },
      drained: (link) => {
        this.note(`${link.epoch} drained`)
        this.onDrained()
      },
      doubtful: (link) => this.note(`${link.epoch} doubtful`),
      closed: (link, why) => {
        this.reasons.push(why)
        this.note(`${link.epoch} closed`)
      },
      broken: (link, why) => this.note(`${link.epoch} broken: ${why}`),
    })
  }

  get link(): Link {
    const link = this.links.at(-1)
    if (!link) throw new Error('There is no link yet')
    return link
  }

  /** From now on packets of the latest link are frames about side channels. */
  useChannels(): SideChannels {
    const { link } = this
    const send = (write: Parameters<typeof encodeBytes>[0]): void => link.send(encodeBytes(write))
    const channels = new SideChannels(link, this.self.sessionId < this.peer.sessionId, send, {
      offered: (offer) => this.offered(offer),
      sent: () => undefined,
      heard: () => undefined,
      broken: (sentence) => this.note(`broken: ${sentence}`),
      usedUp: () => this.note('used up'),
    })
    this.used = { link, channels }
    return channels
  }

  /** A user of a side channel that writes down what it hears. */
  ear(): ChannelEar {
    return new ChannelEar(this.happened)
  }

  private receive(link: Link, packet: Uint8Array): void {
    this.packets.push(packet)
    const frames = this.used?.link === link ? decodePacket(packet) : undefined
    for (const frame of frames ?? []) {
      if (frame.type === 'channel' || frame.type === 'channel-answer') this.used?.channels.take(frame)
    }
    this.happened()
  }

  private note(words: string): void {
    this.heard.push(words)
    this.happened()
  }
}

export class ChannelEar implements SideChannelEvents, OpeningEvents {
  readonly heard: string[] = []
  readonly messages: Uint8Array[] = []
  onOpened: () => void = () => undefined
  onDrained: () => void = () => undefined

  constructor(private readonly happened: () => void) {}

  opened(): void {
    this.note('opened')
    this.onOpened()
  }

  refused(answer: Uint8Array): void {
    this.note(`refused: ${inWords(answer)}`)
  }

  message(message: Uint8Array): void {
    this.messages.push(message)
    // Long ones speak for themselves.
    this.note(message.byteLength > 100 ? 'a long message' : inWords(message))
  }

  drained(): void {
    this.note('drained')
    this.onDrained()
  }

  closed(): void {
    this.note('closed')
  }

  private note(words: string): void {
    this.heard.push(words)
    this.happened()
  }
}

function inWords(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}
