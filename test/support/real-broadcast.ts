import type { Broadcast } from '../../src/rendezvous/tabs-broadcast.ts'
import { settle } from './pass-time.ts'

/** Real broadcast channels, counted so that a test can wait for all that is under way. */
export class RealBroadcasts {
  private readonly open = new Map<string, Set<CountedBroadcast>>()

  openBroadcast = (name: string): CountedBroadcast => {
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

  constructor(
    name: string,
    /** All that have this name, this one included. */
    private readonly open: Set<CountedBroadcast>,
  ) {
    this.channel = new BroadcastChannel(name)
    this.channel.onmessage = (event: MessageEvent<unknown>) => {
      this.expectedCount -= 1
      if (!this.isDead) this.onmessage?.(event)
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

  /** Its page is gone without a word. */
  die(): void {
    this.isDead = true
  }
}
