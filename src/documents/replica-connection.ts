import type { SideChannel, SideChannelEvents } from '../mesh/side-channel.ts'
import { connectionView, type ConnectionView } from './channel-view.ts'
import { covers, inspect, MAX_MESSAGE_BYTES, type State } from './inspection.ts'

/** What becomes of a replica's connection to another. */
export interface ConnectionEvents {
  /** So many bytes came, that may be news. False: it is too much from there. */
  admits(byteCount: number, isNews: boolean): boolean
  /** Nothing follows. */
  closed(): void
  /** What came over it is not of this protocol; it is closed. Nothing follows. */
  breach(fault: string): void
}

export interface ReplicaConnectionOptions {
  /** What the replica has. */
  state(): State
  /** Makes y-webrtc's connection of this one as soon as it can, if it is still wanted then; false if it was not. */
  attach(view: ConnectionView, isWanted: () => boolean): Promise<boolean>
}

/** Each end asks once when it begins; one that asks again and again only wants to be sent all of it. */
const MAX_QUESTIONS = 3

/**
 * A side channel with another replica at its other end. What comes is looked at before y-webrtc sees it.
 *
 *     made: what comes waits ──start──> open ──> over
 */
export class ReplicaConnection {
  private state: 'made' | 'open' | 'over' = 'made'
  private readonly waiting: Uint8Array[] = []
  private questions = 0
  private view: ConnectionView | undefined
  private channel: SideChannel | undefined

  constructor(
    private readonly options: ReplicaConnectionOptions,
    private readonly events: ConnectionEvents,
  ) {}

  /** False if there is no channel to be had. */
  open(open: (events: SideChannelEvents) => SideChannel | undefined): boolean {
    this.channel = open({
      message: (message) => this.receive(message),
      drained: () => undefined,
      closed: () => this.end(() => this.events.closed()),
    })
    this.view =
      this.channel &&
      connectionView(this.channel, {
        // The other side would not take it; the document is about to begin anew.
        admits: (message) => message.byteLength <= MAX_MESSAGE_BYTES,
        closed: () => this.end(() => this.events.closed()),
      })
    return this.channel !== undefined
  }

  /** Both ends are there. */
  async start(): Promise<void> {
    const { view } = this
    const isWanted = (): boolean => this.state === 'made'
    if (!view || !(await this.options.attach(view, isWanted))) return
    this.state = 'open'
    view.open()
    for (const message of this.waiting.splice(0)) view.message(message)
  }

  /** Nothing is heard of it any more. */
  close(): void {
    this.end()
  }

  private receive(message: Uint8Array): void {
    if (this.state === 'over') return
    const fault = this.faultOf(message)
    if (fault !== undefined) this.end(() => this.events.breach(fault))
    else if (this.state === 'open') this.view?.message(message)
    else this.waiting.push(message)
  }

  private faultOf(message: Uint8Array): string | undefined {
    const { fault, isQuestion, leadsTo } = inspect(message)
    if (fault !== undefined) return fault
    if (isQuestion && ++this.questions > MAX_QUESTIONS) return 'the same question again and again'
    const isNews = !covers(this.options.state(), leadsTo)
    return this.events.admits(message.byteLength, isNews) ? undefined : 'more than a document can need'
  }

  private end(tell?: () => void): void {
    if (this.state === 'over') return
    this.state = 'over'
    this.waiting.length = 0
    this.view?.close()
    this.channel?.close()
    tell?.()
  }
}
