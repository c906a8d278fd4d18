import type { ChannelId, SessionId } from '../base/ids.ts'
import type { Mesh } from '../mesh/mesh.ts'
import { encodeItem } from '../protocol/items.ts'
import type { Peer } from '../protocol/peer.ts'

/** Members that a link is opened to only to say this; others hear it when something is said in the channel. */
const MAX_TOLD_AFAR = 40

/**
 * What a session says itself to the members of a channel that it has joined while nobody tells them: that it is there.
 * Each is told once.
 */
export class OwnWord {
  private readonly told = new Set<SessionId>()
  private toldAfar = 0

  constructor(
    private readonly mesh: Pick<Mesh, 'send' | 'isLinked'>,
    private readonly channelId: ChannelId,
    private readonly incarnation: number,
    /** Whether somebody else tells the members, or there is nothing to tell yet. */
    private readonly isNeedless: () => boolean,
  ) {}

  tell(member: Peer): void {
    const { sessionId } = member
    if (this.isNeedless() || this.told.has(sessionId)) return
    if (!this.mesh.isLinked(sessionId) && ++this.toldAfar > MAX_TOLD_AFAR) return
    const { channelId, incarnation } = this
    const joined = encodeItem({ kind: 'joined', channelId, incarnation })
    if (this.mesh.send(member, joined, () => undefined)) this.told.add(sessionId)
  }

  /** It is no member any more. If it comes back, it does not know that this session is still there. */
  forget({ sessionId }: Peer): void {
    this.told.delete(sessionId)
  }
}
