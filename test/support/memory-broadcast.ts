import type { Clock } from '../../src/base/clock.ts'
import type { Broadcast } from '../../src/rendezvous/tabs-broadcast.ts'

/** The broadcast channels of one browser: what is said arrives at all others of the name, in order, after 1 ms. */
export class MemoryBroadcasts {
  private readonly channels = new Set<MemoryBroadcast>()

  constructor(private readonly clock: Clock) {}

  get openCount(): number {
    return this.channels.size
  }

  open(name: string): MemoryBroadcast {
    const channel = new MemoryBroadcast(name, {
      say: (message) => {
        const copy: unknown = structuredClone(message)
        for (const other of this.channels) {
          if (other === channel || other.name !== name) continue
          this.clock.after(1, () => other.hear(structuredClone(copy)))
        }
      },
      close: () => this.channels.delete(channel),
    })
    this.channels.add(channel)
    return channel
  }
}

interface Wire {
  say(message: unknown): void
  close(): void
}

export class MemoryBroadcast implements Broadcast {
  onmessage: Broadcast['onmessage'] = null
  private isOpen = true
  /** Its page runs nothing, and finds what was said when it wakes up. */
  private missed: unknown[] | undefined

  constructor(
    readonly name: string,
    private readonly wire: Wire,
  ) {}

  postMessage(message: unknown): void {
    if (this.isOpen && !this.missed) this.wire.say(message)
  }

  close(): void {
    this.isOpen = false
    this.wire.close()
  }

  hear(message: unknown): void {
    if (this.missed) this.missed.push(message)
    else if (this.isOpen) this.onmessage?.(new MessageEvent('message', { data: message }))
  }

  freeze(): void {
    this.missed = []
  }

  thaw(): void {
    const missed = this.missed ?? []
    this.missed = undefined
    for (const message of missed) this.hear(message)
  }
}
