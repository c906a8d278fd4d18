import type { SessionId } from '../base/ids.ts'
import type { Peer } from '../protocol/peer.ts'
import { decodeTabSignal } from '../protocol/tab-signals.ts'
import type { Linker, LinkerEvents } from './linker.ts'
import { Pairs } from './pairs.ts'
import type { TabOptions } from './tab-options.ts'
import { TabPair } from './tab-pair.ts'

/** Opens links to other tabs of this origin. They cost next to nothing: nobody needs to admit them. */
export class TabLinker implements Linker {
  readonly connectionCount = 0
  private readonly pairs: Pairs<TabPair>

  constructor(
    private readonly options: TabOptions,
    events: LinkerEvents,
  ) {
    this.pairs = new Pairs((peer) => new TabPair(peer, options, events))
  }

  open(peer: Peer): void {
    this.pairs.of(peer).open()
  }

  receive(from: Peer, text: string): void {
    const signal = decodeTabSignal(text)
    if (signal) this.pairs.of(from).receive(signal)
    else this.options.log('warn', 'A signal that cannot be decoded was ignored', { from: from.sessionId })
  }

  undeliverable(to: SessionId): void {
    this.pairs.get(to)?.undeliverable()
  }

  abandon(sessionId: SessionId): void {
    this.pairs.get(sessionId)?.stop()
  }

  abandonAll(): void {
    this.pairs.stop()
  }

  close(): void {
    this.pairs.close()
  }
}
