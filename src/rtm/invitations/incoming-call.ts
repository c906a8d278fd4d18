import type { Bytes } from '../../base/bytes.ts'
import type { Cancel, Clock } from '../../base/clock.ts'
import type { SettledOutcome } from '../../protocol/invitation-messages.ts'
import type { Peer } from '../../protocol/peer.ts'
import type { InvitationNews, RemoteFailure, RemoteInvitation } from './invitation.ts'
import { LIFE_MS } from './outgoing-call.ts'
import type { Post } from './post.ts'

/** The caller's word on an answer comes at once, or not at all: as long as a message may take (the API's send timeout). */
const SETTLED_WITHIN_MS = 10_000
/** After its 60 s the caller says so; who does not hear it ends it alone a little later. */
const LAST_WORD_WITHIN_MS = 10_000
/** An acknowledgement that has not left after this time comes too late: the caller has given up. */
const ACKNOWLEDGED_WITHIN_MS = 30_000

export interface IncomingCallOptions {
  readonly clock: Clock
  readonly post: Post
  readonly invitation: RemoteInvitation
  readonly id: Bytes
  /** The caller's session: with it the invitation ends. */
  readonly from: Peer
  /** It ended so; called once, before the page is told. */
  ended(outcome: EndedIncoming): void
  tell(news: InvitationNews): void
}

/** How an invitation ended with its callee, and the answer that the caller may have missed. */
export interface EndedIncoming {
  readonly outcome: 'accepted' | 'refused' | 'canceled' | 'failed'
  readonly response: string | null
}

type State =
  | { readonly at: 'ringing'; giveUp: Cancel }
  | { readonly at: 'accepting' | 'refusing'; readonly giveUp: Cancel; readonly response: string | null }
  | { readonly at: 'ended' }

/**
 * An invitation with its callee, who can only say what it wants: it counts when the caller says so (`settled`).
 *
 *     ringing --> accepting --> accepted                                 answer: confirmed
 *        |  \          \
 *        |   \          +-----> failed: no word of the caller in 10 s    word: gave up
 *        |    +-> refusing ---> refused: the caller's word, or none in 10 s
 *        +-------> canceled, or failed: the caller's word, or none 10 s after its 60 s
 *
 * All of them end at once when the caller's session does: failed.
 */
export class IncomingCall {
  private state: State
  private isAcknowledged = false

  constructor(private readonly options: IncomingCallOptions) {
    const giveUp = options.clock.after(ACKNOWLEDGED_WITHIN_MS + LIFE_MS, () => this.outlived())
    this.state = { at: 'ringing', giveUp }
  }

  /** It is known by now. */
  ring(): void {
    const { tell, invitation } = this.options
    this.acknowledge()
    tell({ of: 'remote', invitation, is: 'received' })
  }

  get from(): Peer {
    return this.options.from
  }

  get invitation(): RemoteInvitation {
    return this.options.invitation
  }

  /** The caller's word was lost with a stream, or the caller cannot know whether it was: it has it once more. */
  again(): void {
    const { state } = this
    if (state.at === 'ringing') this.acknowledge()
    else if (state.at !== 'ended') this.answer(state.at, state.response)
  }

  accept(response: string | null): 'ok' | 'invitation-accepted' | 'invitation-ended' {
    if (this.state.at === 'accepting') return 'invitation-accepted'
    return this.decide('accepting', response, () => this.fail('accept-failure')) ? 'ok' : 'invitation-ended'
  }

  refuse(response: string | null): 'ok' | 'invitation-accepted' | 'invitation-ended' {
    if (this.state.at === 'accepting') return 'invitation-accepted'
    return this.decide('refusing', response, () => this.end('refused')) ? 'ok' : 'invitation-ended'
  }

  /** What the caller says that has become of it. */
  settled(outcome: SettledOutcome): void {
    const { at } = this.state
    if (at === 'ended') return
    switch (outcome) {
      case 'accepted':
        // Another session of this user has answered: nobody accepts who has not said so here.
        if (at !== 'accepting') return this.fail('expired')
        this.end('accepted')
        return this.confirm()
      case 'canceled':
        return this.end('canceled')
      case 'expired':
      case 'failed':
        return this.end('failed', 'expired')
      case 'refused':
      case 'unknown':
        if (at === 'refusing') return this.end('refused')
        return this.end('failed', at === 'accepting' ? 'accept-failure' : 'expired')
    }
  }

  /** It has failed here: the caller need not wait. */
  fail(why: RemoteFailure): void {
    if (this.state.at === 'ended') return
    this.sayGaveUp()
    this.end('failed', why)
  }

  /** The login ends; what the caller is to hear it was told. */
  close(): void {
    this.end('failed', 'local-offline')
  }

  sayGaveUp(): void {
    const { post, id } = this.options
    if (this.state.at !== 'ended') post.reply(this.from, { type: 'gave-up', id })
  }

  private confirm(): void {
    const { post, id } = this.options
    post.reply(this.from, { type: 'confirmed', id })
  }

  /** The caller's 60 s begin when it has this; so do those here, as well as they can. */
  private acknowledge(): void {
    const { post, id, clock } = this.options
    post.reply(this.from, { type: 'received', id }, (outcome) => {
      const { state } = this
      if (outcome !== 'acknowledged' || this.isAcknowledged || state.at !== 'ringing') return
      this.isAcknowledged = true
      state.giveUp()
      state.giveUp = clock.after(LIFE_MS, () => this.outlived())
    })
  }

  private outlived(): void {
    const { post } = this.options
    if (this.state.at !== 'ringing') return
    if (post.isSilent(this.from)) return this.fail('expired')
    this.state.giveUp = post.patiently(this.from, LAST_WORD_WITHIN_MS, () => this.fail('expired'))
  }

  /** False if it is too late. The page is told by events what comes of it. */
  private decide(at: 'accepting' | 'refusing', response: string | null, late: () => void): boolean {
    const { state } = this
    if (state.at !== 'ringing') return false
    state.giveUp()
    const { post } = this.options
    const release = post.hold(this.from)
    const cancel = post.patiently(this.from, SETTLED_WITHIN_MS, late)
    const giveUp = (): void => {
      release()
      cancel()
    }
    this.state = { at, giveUp, response }
    if (at === 'accepting') this.options.invitation.state = 'accept-sent'
    this.answer(at, response)
    return true
  }

  private answer(at: 'accepting' | 'refusing', response: string | null): void {
    const { post, id } = this.options
    post.reply(this.from, { type: at === 'accepting' ? 'accept' : 'refuse', id, response })
  }

  private end(outcome: EndedIncoming['outcome'], why: RemoteFailure = 'expired'): void {
    const { state } = this
    if (state.at === 'ended') return
    state.giveUp()
    const response = state.at === 'refusing' ? state.response : null
    this.state = { at: 'ended' }
    const { invitation } = this.options
    invitation.state = outcome
    this.options.ended({ outcome, response })
    this.options.tell({ of: 'remote', invitation, is: outcome === 'failed' ? why : outcome })
  }
}
