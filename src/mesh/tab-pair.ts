import type { Cancel } from '../base/clock.ts'
import type { Peer } from '../protocol/peer.ts'
import { decodeTabPacket, type TabPacket } from '../protocol/tab-packets.ts'
import { encodeTabSignal, type TabOffer, type TabSignal } from '../protocol/tab-signals.ts'
import type { Broadcast } from '../rendezvous/tabs-broadcast.ts'
import { tabFailures } from './link-failures.ts'
import type { LinkerEvents } from './linker.ts'
import { TabLink } from './tab-link.ts'
import type { TabOptions } from './tab-options.ts'

/** Tabs answer in milliseconds; one that is busy for longer is tried again. */
const ATTEMPT_MS = 3_000

/** One try to open a link; `giveUp` cancels the timer that ends it. */
interface Attempt {
  readonly giveUp: Cancel
  /** What was offered, by the lower session id. The higher one waits for an offer. */
  readonly offered?: Broadcast
}

/** This session and one other in another tab: the attempt that runs, and the link that an earlier one led to. */
export class TabPair {
  /** The highest epoch that was begun. */
  private epoch = 0
  private attempt: Attempt | undefined
  private link: TabLink | undefined

  constructor(
    private readonly peer: Peer,
    private readonly options: TabOptions,
    private readonly events: LinkerEvents,
  ) {}

  /** Nothing is going on; only the last epoch is remembered. */
  get isIdle(): boolean {
    return !this.attempt && !this.link
  }

  open(): void {
    if (this.attempt) return
    if (this.isOfferer) return this.offer(this.epoch + 1)
    this.attempt = { giveUp: this.timeout() }
    this.knock()
  }

  receive(signal: TabSignal): void {
    if (signal.type === 'tab-offer') this.receiveOffer(signal)
    else this.receiveKnock(signal.epoch)
  }

  undeliverable(): void {
    if (this.attempt) this.fail(tabFailures.gone)
  }

  /** Ends the attempt, if one runs, without a word. */
  stop(): void {
    this.attempt?.giveUp()
    this.attempt?.offered?.close()
    this.attempt = undefined
  }

  private get isOfferer(): boolean {
    return this.options.sessionId < this.peer.sessionId
  }

  private knock(): void {
    this.signal({ type: 'tab-knock', epoch: this.epoch })
  }

  private offer(epoch: number): void {
    const part = Math.floor(this.options.random() * Number.MAX_SAFE_INTEGER).toString(36)
    const offered = this.openBroadcast(epoch, part)
    offered.onmessage = ({ data }) => this.answered(decodeTabPacket(data), offered)
    this.epoch = epoch
    this.attempt = { giveUp: this.timeout(), offered }
    this.signal({ type: 'tab-offer', epoch, part })
  }

  private answered(packet: TabPacket | undefined, offered: Broadcast): void {
    if (this.attempt?.offered !== offered) return
    if (packet?.type === 'ready') this.opened(offered)
    else this.fail(tabFailures.garbage)
  }

  private receiveKnock(theirEpoch: number): void {
    // An offer or a link that they do not know yet is on its way to them.
    const isAhead = !this.isIdle && this.epoch > theirEpoch
    if (!this.isOfferer || isAhead) return
    this.stop()
    this.offer(Math.max(this.epoch, theirEpoch) + 1)
  }

  private receiveOffer({ epoch, part }: TabOffer): void {
    if (this.isOfferer) return
    if (epoch <= this.epoch) {
      // A page that has forgotten how far this pair had come is told.
      if (this.isIdle) this.knock()
      return
    }
    this.epoch = epoch
    const broadcast = this.openBroadcast(epoch, part)
    const ready: TabPacket = { type: 'ready' }
    broadcast.postMessage(ready)
    this.opened(broadcast)
  }

  private opened(broadcast: Broadcast): void {
    this.attempt?.giveUp()
    this.attempt = undefined
    const link = new TabLink(this.peer, this.epoch, broadcast, this.events, () => {
      // A later one may have taken its place.
      if (this.link === link) this.link = undefined
    })
    this.link = link
    this.events.opened(link)
  }

  private openBroadcast(epoch: number, part: string): Broadcast {
    const { realm, sessionId, openBroadcast } = this.options
    const pair = [sessionId, this.peer.sessionId].sort()
    return openBroadcast(JSON.stringify([realm, ...pair, epoch, part]))
  }

  private timeout(): Cancel {
    return this.options.clock.after(ATTEMPT_MS, () => this.fail(tabFailures.silent))
  }

  private fail(sentence: string): void {
    this.stop()
    this.events.failed(this.peer, sentence)
  }

  private signal(signal: TabSignal): void {
    const isPassedOn = this.options.relayToTab(this.peer.sessionId, encodeTabSignal(signal))
    if (!isPassedOn && this.attempt) this.fail(tabFailures.unsent)
  }
}
