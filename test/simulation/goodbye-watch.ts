import type { ChannelId, SessionId } from '../../src/base/ids.ts'
import type { MemoryNetwork } from '../support/memory-network.ts'
import type { MemoryRealm } from '../support/memory-realm.ts'
import type { Login } from './login.ts'
import type { SimulatedPage } from './page.ts'

/** What is said on a link takes 5 ms, and 600 ms more where it is slow. */
const ARRIVED_MS = 700
/** The server takes 10 ms. */
const SERVER_MS = 20
/** What was said before comes first, and may wait for a disk for 2 s. */
const HEARD_AFTER_MS = 3_000

export interface GoodbyeWorld {
  readonly now: number
  readonly pages: readonly SimulatedPage[]
  readonly network: MemoryNetwork
  readonly realm: MemoryRealm
}

/** A goodbye that is on its way. */
interface Said {
  readonly by: Login
  readonly to: Login
  /** From here on it counts. */
  readonly until: number
  /** Whether nothing has happened on this very way that keeps it from coming. */
  comes(): boolean
}

interface Heard {
  readonly name: string
  readonly at: number
}

/** Whose goodbye each page has heard: whatever happens elsewhere, it never lists that session again. */
export class GoodbyeWatch {
  private said: Said[] = []
  private readonly heard = new Map<Login, Map<SessionId, Heard>>()

  constructor(
    private readonly world: GoodbyeWorld,
    private readonly broken: (sentence: string) => void,
  ) {}

  /** The page is about to say goodbye for good, on all its links and to its server. */
  says(page: SimulatedPage): void {
    const { login } = page
    // What says nothing, or cannot: one that sleeps, and one that has said it before.
    if (!login?.isAlive || !page.process.isAwake || page.isPaused) return
    for (const to of this.world.pages) {
      if (to === page || !to.login?.isAlive) continue
      this.expect(login, to, ARRIVED_MS, this.overLink(login, to.login))
      this.expect(login, to, SERVER_MS, this.overServer(page, to))
    }
  }

  check(
    page: SimulatedPage,
    channelId: ChannelId,
    listed: readonly { readonly sessionId: SessionId }[],
  ): void {
    this.settle()
    const heard = page.login && this.heard.get(page.login)
    for (const { sessionId } of listed) {
      const { name, at = Infinity } = heard?.get(sessionId) ?? {}
      if (this.world.now - at > HEARD_AFTER_MS)
        this.broken(`${page.name} lists ${name} in ${channelId}, whose goodbye it has heard`)
    }
  }

  private expect(by: Login, to: SimulatedPage, ms: number, comes: (() => boolean) | undefined): void {
    const { now } = this.world
    if (!comes || !to.process.isAwake || to.isPaused) return
    const { login } = to
    // Its page may have logged in anew by then, which is another session that has heard nothing.
    const isThere = (): boolean =>
      to.login === login && to.process.isAwake && !to.isPaused && to.awakeSince <= now
    if (login) this.said.push({ by, to: login, until: now + ms, comes: () => isThere() && comes() })
  }

  private overLink(by: Login, to: Login): (() => boolean) | undefined {
    const at = this.world.now
    const cable = this.world.network.cableThatJoins(by.sessionId, to.sessionId)
    return cable && (() => cable.faultAt < at)
  }

  /** Where both are logged in, and share a channel as the server knows it. */
  private overServer(page: SimulatedPage, to: SimulatedPage): (() => boolean) | undefined {
    const { realm } = this.world
    const [mine, theirs] = [page, to].map(({ login, rendezvous }) => {
      const resident = login && realm.residents.get(login.sessionId)
      return rendezvous?.isUp === true && resident?.visitor === rendezvous ? resident : undefined
    })
    const isShared = [...(mine?.channels.keys() ?? [])].some((channelId) => theirs?.channels.has(channelId))
    const { rendezvous } = to
    // What is said over a connection that breaks comes over no later one, whose lists may remove nobody yet: those of a
    // server that forgot.
    const connection = rendezvous?.connection
    return isShared ? () => rendezvous?.isUp === true && rendezvous.connection === connection : undefined
  }

  private settle(): void {
    const due = this.said.filter(({ until }) => until <= this.world.now)
    this.said = this.said.filter(({ until }) => until > this.world.now)
    for (const { by, to, until, comes } of due) {
      if (!comes()) continue
      const heard = this.heard.get(to) ?? new Map<SessionId, Heard>()
      this.heard.set(to, heard)
      const { sessionId, name } = by
      if (!heard.has(sessionId)) heard.set(sessionId, { name, at: until })
    }
  }
}
