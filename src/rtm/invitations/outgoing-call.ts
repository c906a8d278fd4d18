import type { Bytes } from '../../base/bytes.ts'
import type { Cancel, Clock } from '../../base/clock.ts'
import type { SessionId, UserId } from '../../base/ids.ts'
import type { Owed } from '../../mesh/outgoing-stream.ts'
import type { CallerMessage, SettledOutcome } from '../../protocol/invitation-messages.ts'
import type { Peer } from '../../protocol/peer.ts'
import type { InvitationNews, LocalFailure, LocalInvitation } from './invitation.ts'
import type { Post } from './post.ts'

/** No word of the callee for this long after the invitation was sent (the API's table). */
const ACKNOWLEDGED_WITHIN_MS = 30_000
/** Neither accepted nor refused for this long after the callee has it (the API's table). */
export const LIFE_MS = 60_000
/** The callee's confirmation follows at once; a link that is lost just then may take this long to come back. */
const CONFIRMED_WITHIN_MS = 60_000

export interface OutgoingCallOptions {
  readonly clock: Clock
  readonly post: Post
  readonly invitation: LocalInvitation
  readonly id: Bytes
  readonly calleeId: UserId
  readonly content: string | null
  readonly channelId: string | null
  /** It needs somebody to tell where its callee is. */
  search(): void
  /** It ended so; called once, before the page is told. */
  ended(outcome: SettledOutcome): void
  tell(news: InvitationNews): void
}

type State =
  | { readonly at: 'sent'; readonly giveUp: Cancel; wasThere: boolean }
  | { readonly at: 'received'; readonly giveUp: Cancel }
  | { readonly at: 'confirming'; readonly giveUp: Cancel; readonly response: string | null }
  | { readonly at: 'ended' }

/** The callee's session that has the last word, or gets it as soon as it can be reached. */
interface Told {
  readonly peer: Peer
  readonly release: Cancel
  owed: Owed | undefined
}

/**
 * An invitation with its caller, who decides what becomes of it: the first of a cancellation here and an answer of the
 * callee that arrives here.
 *
 *     sent --> received --> confirming --> accepted
 *      |          |  \           \
 *      |          |   +-> refused +-> failed: the callee gave up, or no confirmation in 60 s
 *      |          +--> canceled, or failed: 60 s without an answer
 *      +-------------> canceled, or failed: 30 s without a sign of the callee
 *
 * Whichever session the callee has is told the last word; if that session ends, so is the next.
 */
export class OutgoingCall {
  private state: State
  private told: Told | undefined

  constructor(private readonly options: OutgoingCallOptions) {
    const giveUp = options.clock.after(ACKNOWLEDGED_WITHIN_MS, () => {
      const wasThere = this.state.at === 'sent' && this.state.wasThere
      this.fail(wasThere ? 'remote-no-response' : 'remote-offline')
    })
    this.state = { at: 'sent', giveUp, wasThere: false }
    options.invitation.state = 'sent'
    const known = options.post.present(options.calleeId)
    if (!known) return
    this.state.wasThere = options.post.isHeard(known)
    this.tellLastWord(known)
  }

  get invitation(): LocalInvitation {
    return this.options.invitation
  }

  get calleeId(): UserId {
    return this.options.calleeId
  }

  /** Nobody can say without asking whether the callee is where it was, or comes back. */
  get isSearching(): boolean {
    const { post } = this.options
    if (this.state.at === 'ended') return false
    return !this.told || !post.isHeard(this.told.peer)
  }

  /** The callee has this session now. */
  met(peer: Peer): void {
    if (this.state.at === 'ended') return
    if (this.state.at === 'sent') this.state.wasThere = true
    if (this.told?.peer.sessionId !== peer.sessionId) this.tellLastWord(peer)
  }

  /** This page was away: with the callee, which heard a goodbye, it may be over, and it says so if it is asked. */
  resumed(): void {
    if (this.told) this.tellLastWord(this.told.peer)
  }

  /** What this session was told does not count any more. */
  over(sessionId: SessionId): void {
    if (this.state.at === 'ended' || this.told?.peer.sessionId !== sessionId) return
    this.forget()
    this.options.search()
  }

  received(): void {
    if (this.state.at !== 'sent') return
    this.state.giveUp()
    const giveUp = this.options.clock.after(LIFE_MS, () => this.fail('expired'))
    this.state = { at: 'received', giveUp }
    this.invitation.state = 'received'
    this.options.tell({ of: 'local', invitation: this.invitation, is: 'received' })
  }

  accepted(by: Peer, response: string | null): void {
    this.received()
    if (this.state.at === 'received') {
      this.state.giveUp()
      const giveUp = this.options.clock.after(CONFIRMED_WITHIN_MS, () => this.fail('expired'))
      this.state = { at: 'confirming', giveUp, response }
    }
    if (this.state.at === 'confirming') this.tellLastWord(by)
  }

  refused(by: Peer, response: string | null): void {
    this.received()
    if (this.state.at !== 'received') return
    this.end('refused', response)
    this.options.post.reply(by, this.settled('refused'))
    // It rings where its user is by now, too.
    if (this.told?.peer.sessionId !== by.sessionId) this.tellEnd(this.settled('refused'))
    this.options.tell({ of: 'local', invitation: this.invitation, is: 'refused' })
  }

  confirmed(): void {
    if (this.state.at !== 'confirming') return
    this.end('accepted', this.state.response)
    this.options.tell({ of: 'local', invitation: this.invitation, is: 'accepted' })
  }

  /** With the callee it is over, without an answer that counts. */
  givenUp(): void {
    this.fail(this.state.at === 'confirming' ? 'remote-no-response' : 'remote-offline')
  }

  /** False if it is too late: the callee was told that its acceptance counts. */
  cancel(): boolean {
    if (this.state.at !== 'sent' && this.state.at !== 'received') return false
    this.end('canceled')
    this.tellEnd({ type: 'cancel', id: this.options.id })
    return true
  }

  fail(why: LocalFailure): void {
    if (this.state.at === 'ended') return
    const outcome = why === 'expired' ? 'expired' : 'failed'
    this.end(outcome)
    // Who logs out says goodbye, and that is enough.
    if (why !== 'not-logged-in') this.tellEnd(this.settled(outcome))
    this.options.tell({ of: 'local', invitation: this.invitation, is: why })
  }

  private end(outcome: Exclude<SettledOutcome, 'unknown'>, response: string | null = null): void {
    if (this.state.at !== 'ended') this.state.giveUp()
    this.state = { at: 'ended' }
    this.told?.release()
    this.invitation.state = outcome === 'expired' ? 'failed' : outcome
    this.invitation.response = response
    this.options.ended(outcome)
  }

  /** What the callee knows of it, it is told; an invitation that has not left is taken back. */
  private tellEnd(word: CallerMessage): void {
    const told = this.forget()
    if (!told || (told.owed && this.options.post.takeBack(told.peer, told.owed))) return
    this.options.post.reply(told.peer, word)
  }

  private tellLastWord(peer: Peer): void {
    const { post, id, channelId, content } = this.options
    const told: Told = { peer, release: post.hold(peer), owed: undefined }
    const before = this.forget()
    this.told = told
    if (before?.owed) post.takeBack(before.peer, before.owed)
    const word: CallerMessage =
      this.state.at === 'confirming' ? this.settled('accepted') : { type: 'invite', id, channelId, content }
    told.owed = post.say(peer, word, (outcome) => {
      if (outcome !== 'acknowledged' && this.told === told) this.over(peer.sessionId)
    })
    // It may not be owed more now.
    if (!told.owed && this.told === told) this.over(peer.sessionId)
  }

  private forget(): Told | undefined {
    const { told } = this
    this.told = undefined
    told?.release()
    return told
  }

  private settled(outcome: SettledOutcome): CallerMessage {
    return { type: 'settled', id: this.options.id, outcome }
  }
}
