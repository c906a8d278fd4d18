import { type Cancel } from '../../base/clock.ts'
import type { UserId } from '../../base/ids.ts'
import type { Outcome, Owed } from '../../mesh/outgoing-stream.ts'
import { encodeItem } from '../../protocol/items.ts'
import { encodeInvitationMessage, type InvitationMessage } from '../../protocol/invitation-messages.ts'
import type { Peer } from '../../protocol/peer.ts'
import { OFFLINE_AFTER_MS, UNREACHABLE_AFTER_MS } from '../../protocol/server-messages.ts'
import type { InvitationLine } from './line.ts'

/** A link that brought nothing for this long is in doubt: even a hidden page answers when it was asked after 3 s. */
const DOUBTFUL_AFTER_MS = 4_000
/** What a lost link kept from coming, comes this soon after a new one: its greeting, and what is sent again. */
const CATCH_UP_MS = 500
/** A loss of 10 s is mended within as much again: the waits between attempts double, up to 8 s then. */
export const REPAIR_MS = 10_000

/** What the invitations of one login say to others, and how these can be reached. */
export class Post {
  private isClosed = false

  constructor(
    private readonly line: InvitationLine,
    /** This user calls itself: what it says to itself arrives like anything else. */
    private readonly toSelf: (message: InvitationMessage) => void,
  ) {}

  /** Puts it into the stream of this session; undefined if that may not be owed more now. */
  say(to: Peer, message: InvitationMessage, settled?: (outcome: Outcome) => void): Owed | undefined {
    const bytes = encodeItem({ kind: 'invitation', message: encodeInvitationMessage(message) })
    if (!this.isMe(to)) return this.line.mesh.send(to, bytes, (outcome) => settled?.(outcome))
    void Promise.resolve().then(() => {
      if (this.isClosed) return
      this.toSelf(message)
      settled?.('acknowledged')
    })
    return { bytes, settled: () => undefined, since: this.line.clock.now() }
  }

  /** The same to one who asked, and is owed nothing when it is gone. */
  reply(to: Peer, message: InvitationMessage, settled?: (outcome: Outcome) => void): void {
    if (this.isMe(to) || this.line.mesh.peer(to.sessionId)) this.say(to, message, settled)
  }

  /** Takes back what no link was given yet; false if one was. */
  takeBack(from: Peer, owed: Owed): boolean {
    return this.line.mesh.withdraw(from, owed)
  }

  /** Until cancelled the link to this session is kept, and opened again. */
  hold(peer: Peer): Cancel {
    return this.isMe(peer) ? () => undefined : this.line.mesh.hold(peer, false)
  }

  /** Where a user is, as far as it is known. */
  present(userId: UserId): Peer | undefined {
    return userId === this.line.me().userId ? this.line.me() : this.line.directory.get(userId)
  }

  /** Whether it is known that this session is there, without asking. */
  isHeard(peer: Peer): boolean {
    return this.silenceMs(peer) <= UNREACHABLE_AFTER_MS
  }

  /** Nothing was heard of it for so long that it counts as offline. */
  isSilent(peer: Peer): boolean {
    return !this.line.mesh.isLinked(peer.sessionId) && this.silenceMs(peer) > OFFLINE_AFTER_MS
  }

  /**
   * Runs after this time; later, by `REPAIR_MS` at most, where the link to this peer was broken just then: its word
   * may come with the next one.
   */
  patiently(peer: Peer, delayMs: number, run: () => void): Cancel {
    const { clock } = this.line
    const due = clock.now() + delayMs
    let wasNear = false
    const check = (): void => {
      const now = clock.now()
      const isNear = this.isNear(peer)
      if (now >= due + REPAIR_MS || (now >= due && wasNear && isNear)) return run()
      wasNear = isNear
      cancel = clock.after(CATCH_UP_MS, check)
    }
    let cancel = clock.after(delayMs - CATCH_UP_MS, check)
    return () => cancel()
  }

  close(): void {
    this.isClosed = true
  }

  private isMe({ sessionId }: Peer): boolean {
    return sessionId === this.line.me().sessionId
  }

  private isNear(peer: Peer): boolean {
    const isLinked = this.isMe(peer) || this.line.mesh.isLinked(peer.sessionId)
    return isLinked && this.silenceMs(peer) <= DOUBTFUL_AFTER_MS
  }

  private silenceMs(peer: Peer): number {
    if (this.isMe(peer)) return 0
    return this.line.clock.now() - (this.line.mesh.lastHeard(peer.sessionId) ?? -Infinity)
  }
}
