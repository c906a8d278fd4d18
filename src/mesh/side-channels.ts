import type { Encoder } from 'lib0/encoding'

import type { Bytes } from '../base/bytes.ts'
import {
  FIRST_CHANNEL,
  type Frame,
  LAST_SURE_CHANNEL,
  MAX_LABEL_BYTES,
  writeChannel,
  writeChannelAnswer,
} from '../protocol/frames.ts'
import { ChannelEnd } from './channel-end.ts'
import type { Link } from './link.ts'
import type { OpeningEvents, SideChannel, SideChannelEvents, SideChannelOffer } from './side-channel.ts'

export interface SideChannelsEvents {
  offered(offer: SideChannelOffer): void
  /** Something left on one of them. */
  sent(): void
  /** Something came on one of them. */
  heard(): void
  /** The other side broke the protocol. */
  broken(sentence: string): void
  /** This side has no number left. */
  usedUp(): void
}

/** Open at once that the other side opened. */
const MAX_OF_PEER = 64
/**
 * Open at once that this side opened: those of 20 joined channels and as many visited ones. The other side may not
 * have heard yet that others were closed, and counts them.
 */
const MAX_OWN = 40
const NO_BYTES = new Uint8Array()

/**
 * The side channels on one link. A message to an end that does not exist yet is lost, so opening one takes two frames:
 *
 *     who opens                            the other
 *     makes its end ─────── channel ──────> makes its end; may send at once
 *     `opened` <──────── channel answer ─── (or a message on the channel, whichever is first)
 *
 * The lower session id opens those of even number, the higher one the odd ones. No number is used twice on a link.
 */
export class SideChannels {
  private next: number
  private lastOfPeer = 0
  private readonly own = new Set<ChannelEnd>()
  private readonly ofPeer = new Set<ChannelEnd>()
  private readonly unanswered = new Map<number, ChannelEnd>()

  constructor(
    private readonly link: Link,
    isLower: boolean,
    private readonly sendFrame: (write: (packet: Encoder) => void) => void,
    private readonly events: SideChannelsEvents,
  ) {
    this.next = FIRST_CHANNEL + (isLower ? 0 : 1)
  }

  /** Undefined if there is no place for it on this link. */
  open(label: Bytes, user: OpeningEvents): SideChannel | undefined {
    checkLength(label)
    if (this.own.size >= MAX_OWN) return undefined
    if (this.next > LAST_SURE_CHANNEL) {
      this.events.usedUp()
      return undefined
    }
    const number = this.next
    this.next += 2
    const end = this.end(number, user, user)
    this.unanswered.set(number, end)
    this.sendFrame((packet) => writeChannel(packet, number, label))
    return end
  }

  take(frame: Extract<Frame, { type: 'channel' | 'channel-answer' }>): void {
    if (frame.type === 'channel') this.offered(frame.number, frame.label)
    else this.answered(frame.number, frame.isAccepted, frame.answer)
  }

  /** Each user hears that its channel is closed. */
  close(): void {
    for (const end of [...this.own, ...this.ofPeer]) end.lose()
  }

  /** The other side has made its end of a new one. */
  private offered(number: number, label: Uint8Array): void {
    const isFree = number % 2 !== this.next % 2 && number > this.lastOfPeer
    if (!isFree) return this.events.broken('It opened a side channel under a number that it may not use')
    if (this.ofPeer.size >= MAX_OF_PEER)
      return this.events.broken(`It has more than ${MAX_OF_PEER} side channels open at once`)
    this.lastOfPeer = number
    let isAnswered = false
    const answer = (isAccepted: boolean, bytes: Uint8Array): void => {
      isAnswered = true
      this.sendFrame((packet) => writeChannelAnswer(packet, number, isAccepted, bytes))
    }
    const checkOpen = (): void => {
      if (isAnswered) throw new Error('A side channel can be accepted or refused once, while it is offered')
    }
    this.events.offered({
      from: this.link.peer,
      label,
      accept: (user) => {
        checkOpen()
        const end = this.end(number, user)
        answer(true, NO_BYTES)
        return end
      },
      refuse: (bytes) => {
        checkOpen()
        checkLength(bytes)
        answer(false, bytes)
      },
    })
    if (!isAnswered) answer(false, NO_BYTES)
  }

  private answered(number: number, isAccepted: boolean, answer: Uint8Array): void {
    const end = this.unanswered.get(number)
    if (!end) return this.events.broken('It answered for a side channel that it was not offered')
    this.unanswered.delete(number)
    if (isAccepted) end.accepted()
    else end.refused(answer)
  }

  private end(number: number, user: SideChannelEvents, opener?: OpeningEvents): ChannelEnd {
    const ends = opener ? this.own : this.ofPeer
    const end = new ChannelEnd(this.link, number, user, opener, {
      sent: () => this.events.sent(),
      heard: () => this.events.heard(),
      over: (closed) => ends.delete(closed),
    })
    ends.add(end)
    return end
  }
}

function checkLength(label: Bytes): void {
  if (label.byteLength > MAX_LABEL_BYTES)
    throw new RangeError(
      `The label of a side channel, and the answer to it, have at most ${MAX_LABEL_BYTES} bytes`,
    )
}
