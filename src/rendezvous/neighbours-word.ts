import type { SessionId, UserId } from '../base/ids.ts'
import type { Introduction, NeighbourMessage } from '../protocol/neighbour-messages.ts'
import type { Peer } from '../protocol/peer.ts'
import type { Neighbourhood } from './neighbourhood.ts'
import type { Introduced, NeighbourQuestions } from './neighbours-questions.ts'
import type { NeighbourRates } from './neighbours-rates.ts'
import type { NeighbourRoutes } from './neighbours-routes.ts'
import { NeighbourTurns } from './neighbours-turns.ts'

type Message<Kind extends NeighbourMessage['kind']> = Extract<NeighbourMessage, { kind: Kind }>

/** What neighbours say of others: it counts as far as a server has signed it, and as fast as that can be checked. */
export class NeighbourWord {
  private readonly turns = new NeighbourTurns()

  constructor(
    private readonly neighbourhood: Neighbourhood,
    private readonly rates: NeighbourRates,
    private readonly questions: NeighbourQuestions,
    private readonly routes: NeighbourRoutes,
    /** Whoever is introduced is somebody else. */
    private readonly ownUserId: () => UserId | undefined,
    private readonly signal: (from: Peer, signal: string) => void,
  ) {}

  answer({ sessionId }: Peer, { request, introductions }: Message<'answer'>): void {
    const tell = this.questions.take(sessionId, request)
    if (!tell) return
    const mayLook = this.rates.credentials(sessionId, introductions.length)
    const look = async (): Promise<void> => tell(await this.proven(sessionId, introductions))
    if (!mayLook || !this.turns.take(sessionId, look)) tell([])
  }

  passedOn({ sessionId: by }: Peer, { credential, signal }: Message<'passed-on'>): void {
    if (!this.rates.credentials(by, 1)) return
    this.turns.take(by, async () => {
      const from = await this.verify(credential)
      if (!from) return
      this.routes.cameBy(from.sessionId, by)
      this.signal(from, signal)
    })
  }

  private async proven(
    by: SessionId,
    introductions: readonly Introduction[],
  ): Promise<readonly Introduced[]> {
    const introduced: Introduced[] = []
    const peers = await Promise.all(introductions.map(({ credential }) => this.verify(credential)))
    for (const [i, peer] of peers.entries()) {
      if (!peer) continue
      if (peer.sessionId !== by) this.routes.introduced(peer.sessionId, by)
      introduced.push({ peer, channels: introductions[i]?.channels ?? [] })
    }
    return introduced
  }

  private async verify(credential: string): Promise<Peer | undefined> {
    const peer = await this.neighbourhood.verify(credential)
    return peer && peer.userId !== this.ownUserId() ? peer : undefined
  }
}
