import type { Bytes } from '../base/bytes.ts'
import type { Link } from './link.ts'
import type { OpeningEvents, SideChannel, SideChannelEvents } from './side-channel.ts'

/** What the side channels of a link hear of one of them. */
export interface ChannelEndEvents {
  sent(): void
  heard(): void
  /** Closed, by whomever. */
  over(end: ChannelEnd): void
}

/**
 * This side's end of a side channel, between its user and the link.
 *
 *     who opens: offered ──accepted, or a message──> open ──> closed      who accepts: open ──> closed
 *                offered ──its user closes──> left ──answered──> closed
 */
export class ChannelEnd implements SideChannel {
  /** `left`: the other side may be about to make its end. It hears that ours is closed when it has one. */
  private state: 'offered' | 'open' | 'left' | 'closed'
  private readonly end: SideChannel

  constructor(
    link: Link,
    number: number,
    private readonly user: SideChannelEvents,
    /** The same user, if it is the one who opens. */
    private readonly opener: OpeningEvents | undefined,
    private readonly events: ChannelEndEvents,
  ) {
    this.state = opener ? 'offered' : 'open'
    this.end = link.openChannel(number, {
      message: (message) => this.receive(message),
      drained: () => this.state === 'open' && user.drained(),
      closed: () => this.lose(),
    })
  }

  get bufferedBytes(): number {
    return this.end.bufferedBytes
  }

  send(message: Bytes): void {
    if (this.state !== 'open') return
    this.events.sent()
    this.end.send(message)
  }

  close(): void {
    if (this.state === 'offered') this.state = 'left'
    else if (this.state === 'open') this.finish()
  }

  /** The other side has its end. */
  accepted(): void {
    if (this.state === 'left') this.finish()
    if (this.state !== 'offered') return
    this.state = 'open'
    this.opener?.opened()
  }

  refused(answer: Uint8Array): void {
    // Who sent a message before it refused had it open.
    if (this.state === 'open') return this.lose()
    const wasWanted = this.state === 'offered'
    this.finish()
    if (wasWanted) this.opener?.refused(answer)
  }

  /** Closed by somebody else than its user. */
  lose(): void {
    const wasWanted = this.state === 'offered' || this.state === 'open'
    this.finish()
    if (wasWanted) this.user.closed()
  }

  private receive(message: Uint8Array): void {
    this.events.heard()
    this.accepted()
    if (this.state === 'open') this.user.message(message)
  }

  private finish(): void {
    if (this.state === 'closed') return
    this.state = 'closed'
    this.end.close()
    this.events.over(this)
  }
}
