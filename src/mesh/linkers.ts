import type { SessionId } from '../base/ids.ts'
import type { Peer } from '../protocol/peer.ts'
import type { Via } from '../rendezvous/rendezvous.ts'
import type { Link } from './link.ts'
import type { Linker, LinkerEvents, MeshLinker } from './linker.ts'
import { TabLinker } from './tab-linker.ts'
import type { TabOptions } from './tab-options.ts'
import { WebRtcLinker } from './webrtc-linker.ts'
import type { WebRtcOptions } from './webrtc-options.ts'

/** Links to tabs of this origin without a network, to all others over one. Each kind has its own signals. */
export class Linkers implements MeshLinker {
  private readonly direct: Linker
  private readonly tabs: Linker

  constructor(
    webRtc: WebRtcOptions,
    tabs: TabOptions,
    /** Whether this session lives in another tab of this origin. */
    private readonly isTab: (sessionId: SessionId) => boolean,
    events: LinkerEvents,
  ) {
    // A session may turn out to be a tab while a connection to it is being opened: one link is enough.
    const opened = (link: Link): void => {
      this.abandon(link.peer.sessionId)
      events.opened(link)
    }
    this.direct = new WebRtcLinker(webRtc, { ...events, opened })
    this.tabs = new TabLinker(tabs, { ...events, opened })
  }

  /** Of those that a page can have so many of. */
  get connectionCount(): number {
    return this.direct.connectionCount
  }

  open(peer: Peer, expected: boolean): void {
    this.of(peer.sessionId).open(peer, expected)
  }

  receive(from: Peer, signal: string, via: Via): void {
    const linker = via === 'tabs' ? this.tabs : this.direct
    linker.receive(from, signal, via)
  }

  undeliverable(to: SessionId): void {
    this.of(to).undeliverable(to)
  }

  abandon(sessionId: SessionId): void {
    this.direct.abandon(sessionId)
    this.tabs.abandon(sessionId)
  }

  abandonAll(): void {
    this.direct.abandonAll()
    this.tabs.abandonAll()
  }

  relayed(): void {
    return
  }

  nearer(): void {
    return
  }

  farther(): void {
    return
  }

  close(): void {
    this.direct.close()
    this.tabs.close()
  }

  private of(sessionId: SessionId): Linker {
    return this.isTab(sessionId) ? this.tabs : this.direct
  }
}
