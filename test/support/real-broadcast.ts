import type { Broadcast } from '../../src/rendezvous/tabs-broadcast.ts'
import { settle } from './pass-time.ts'

/** Real broadcast channels, counted so that a test can wait for all that is under way. */
export class RealBroadcasts {
  /** Why none can be opened; undefined if one can. */
  refusal: string | undefined
  private readonly open = new Map<string, Set<CountedBroadcast>>()

  openBroadcast = (name: string): CountedBroadcast => {
    if (this.refusal !== undefined) throw new Error(this.refusal)
    const others = this.open.get(name) ?? new Set()
    this.open.set(name, others)
    const broadcast = new CountedBroadcast(name, others)
    others.add(broadcast)
    return broadcast
  }

  get openCount(): number {
    return this.all.length
  }

  /** Everything that was said has arrived, and so has what it caused. */
  async settle(): Promise<void> {
    do await settle()
    while (this.all.some(({ isExpecting }) => isExpecting))
  }

  private get all(): CountedBroadcast[] {
    return [...this.open.values()].flatMap((broadcasts) => [...broadcasts])
  }
}

export class CountedBroadcast implements Broadcast {
  onmessage: Broadcast['onmessage'] = null
  private readonly channel: BroadcastChannel
  private expectedCount = 0
  private isDead = false
  /** What came while the page was frozen. */
  private missed: MessageEvent<unknown>[] | undefined

  constructor(
    name: string,
    /** All that have this name, this one included. */
    private readonly open: Set<CountedBroadcast>,
  ) {
    this.channel = new BroadcastChannel(name)
    this.channel.onmessage = (event: MessageEvent<unknown>) => {
      this.expectedCount -= 1
      if (this.missed) this.missed.push(event)
      else if (!this.isDead) this.onmessage?.(event)
    }
  }

  get isExpecting(): boolean {
    return this.expectedCount > 0
  }

  postMessage(message: unknown): void {
    if (this.isDead) return
    for (const other of this.open) if (other !== this) other.expectedCount += 1
    this.channel.postMessage(message)
  }

  close(): void {
    this.open.delete(this)
    this.channel.close()
  }

  /** Its page runs nothing, and finds what was said when it wakes up. */
  freeze(): void {
    this.missed = []
  }

  thaw(): void {
    const { missed = [] } = this
    this.missed = undefined
    for (const event of missed) this.onmessage?.(event)
  }

  /** Its page is gone without a word. */
  die(): void {
    this.isDead = true
  }
}
