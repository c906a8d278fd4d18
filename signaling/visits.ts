import type { ChannelId } from '../src/base/ids.ts'
import { MAX_HOLDERS, MAX_VISITS_PER_SESSION } from '../src/protocol/server-messages.ts'
import { type Colleagues, nobodyElse } from './colleagues.ts'
import type { Directory } from './directory.ts'
import { peerOf, type Session } from './session.ts'

/**
 * Sessions looked at for one answer, of up to 10,000: about 30 µs (measured) if none of them has a socket. Usually the
 * first 16 have one.
 */
const MAX_LOOKED_AT = 1_000

/**
 * Who reads and writes a channel's shared document without being in the channel. Nobody hears of it, and nobody is
 * made known to another by it; who is named may be sent signals, and that does.
 *
 *     visit      from a member   only the answer
 *                a 21st channel  the oldest visit ends
 *     endVisit   unknown         ignored
 *     join       of the channel  the visitor is a member now; its visit is over
 *     a return                   all visits are over: the client says again which ones stand
 */
export class Visits {
  constructor(
    private readonly directory: Directory,
    private readonly colleagues: Colleagues = nobodyElse,
  ) {}

  visit(session: Session, request: number, channelId: ChannelId): void {
    if (!session.channels.has(channelId)) this.begin(session, channelId)
    const { appId } = session
    const holders = [
      ...some(this.directory.membersOf(appId, channelId), session),
      ...some(this.directory.visitorsOf(appId, channelId), session),
    ]
    session.send({ type: 'visited', request, holders: holders.map(peerOf) })
  }

  end(session: Session, channelId: ChannelId): void {
    this.directory.endVisit(session, channelId)
    this.colleagues.changed(session)
  }

  /** What it ended while it was away, it could not say. */
  endAll(session: Session): void {
    for (const channelId of session.visits) this.end(session, channelId)
  }

  private begin(session: Session, channelId: ChannelId): void {
    this.directory.visit(session, channelId)
    this.colleagues.changed(session)
    const [oldest] = session.visits
    if (oldest !== undefined && session.visits.size > MAX_VISITS_PER_SESSION) this.end(session, oldest)
  }
}

/** Those that are here now come first. */
function some(sessions: Iterable<Session>, asker: Session): readonly Session[] {
  const present: Session[] = []
  const away: Session[] = []
  let lookedAt = 0
  for (const session of sessions) {
    const group = session.outlet ? present : away
    if (session !== asker && group.length < MAX_HOLDERS) group.push(session)
    if (present.length === MAX_HOLDERS || ++lookedAt === MAX_LOOKED_AT) break
  }
  return [...present, ...away].slice(0, MAX_HOLDERS)
}
