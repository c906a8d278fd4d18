import type { Broadcast } from '../../src/rendezvous/tabs-broadcast.ts'
import type { MemoryBroadcasts } from '../support/memory-broadcast.ts'
import type { PageProcess } from '../support/page-process.ts'

/** The broadcast channels that one page has open: it hears of them while it is awake, and they go with it. */
export class PageBroadcasts {
  private readonly channels = new Set<Broadcast>()

  constructor(
    private readonly browser: MemoryBroadcasts,
    private readonly process: PageProcess,
  ) {}

  get openCount(): number {
    return this.channels.size
  }

  open(name: string): Broadcast {
    const inner = this.browser.open(name)
    const outer: Broadcast = {
      onmessage: null,
      postMessage: (message) => inner.postMessage(message),
      close: () => {
        outer.onmessage = null
        this.channels.delete(outer)
        inner.close()
      },
    }
    inner.onmessage = (event) => this.process.run(() => outer.onmessage?.(event))
    this.channels.add(outer)
    return outer
  }

  close(): void {
    for (const channel of this.channels) channel.close()
  }
}
