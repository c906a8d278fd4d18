import type { SessionId } from '../base/ids.ts'
import type { Peer } from '../protocol/peer.ts'
import type { NamedPeers } from './places-named.ts'
import type { RendezvousEvents } from './rendezvous.ts'
import type { TabsView } from './tabs-view.ts'

/**
 * Who is shown of all whom the places name, no user twice: in a local session's word there is no more than that its
 * tab is of this origin, so it is not shown while the server names another session of its user.
 */
export class ShownPeers {
  /** Local sessions of other tabs that are not shown. */
  private readonly hidden = new Set<SessionId>()

  constructor(
    /** As the server says, while it is up. */
    private readonly named: NamedPeers,
    private readonly view: () => TabsView | undefined,
    private readonly events: RendezvousEvents,
  ) {}

  /** No user twice: the server's word counts. */
  united<P extends Peer>(byServer: readonly P[], byTabs: readonly P[]): readonly P[] {
    const users = new Set(byServer.map(({ userId }) => userId))
    return [...byServer, ...byTabs.filter((peer) => !users.has(peer.userId) && !this.isHidden(peer))]
  }

  isHidden(peer: Peer): boolean {
    return this.view()?.isLocal(peer.sessionId) === true && this.named.hasAnother(peer)
  }

  /** Takes back what was shown of local sessions whose user the server names, and shows who is no longer hidden. */
  review(): void {
    const { hidden } = this
    const view = this.view()
    for (const peer of view?.locals ?? []) {
      const isHidden = this.isHidden(peer)
      if (isHidden === hidden.has(peer.sessionId)) continue
      if (isHidden) {
        hidden.add(peer.sessionId)
        this.events.gone(peer, 'replaced')
      } else {
        hidden.delete(peer.sessionId)
        view?.tellAgain(peer.sessionId)
      }
    }
  }

  gone({ sessionId }: Peer): void {
    this.hidden.delete(sessionId)
  }
}
