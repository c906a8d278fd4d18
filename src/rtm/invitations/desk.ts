import { type Bytes, toHex } from '../../base/bytes.ts'
import type { Clock } from '../../base/clock.ts'
import { isUserId, type UserId } from '../../base/ids.ts'
import type { Log } from '../../base/logger.ts'
import {
  isTextOrNull,
  MAX_INVITATION_CHANNEL_BYTES,
  MAX_INVITATION_TEXT_BYTES,
} from '../../protocol/invitation-limits.ts'
import {
  decodeInvitationMessage,
  INVITATION_ID_BYTES,
  type InvitationMessage,
  type SettledOutcome,
} from '../../protocol/invitation-messages.ts'
import type { Peer } from '../../protocol/peer.ts'
import { CalleeSearch } from './callee-search.ts'
import { Callers } from './callers.ts'
import { Ended } from './ended.ts'
import { type EndedIncoming, IncomingCall } from './incoming-call.ts'
import type {
  AnswerOutcome,
  CancelOutcome,
  InvitationNews,
  InvitationWords,
  LocalInvitation,
  RemoteInvitation,
  SendOutcome,
} from './invitation.ts'
import type { InvitationLine } from './line.ts'
import { OutgoingCall } from './outgoing-call.ts'
import { Post } from './post.ts'

export interface InvitationDeskOptions {
  readonly clock: Clock
  readonly log: Log
  /** Whose invitations these are. */
  readonly owner: unknown
  tell(news: InvitationNews): void
}

/** More than anybody calls at once. */
const MAX_OUTGOING = 512
/** Of one caller, and of all: each may ring for 90 s and carry 8 KB. */
const MAX_INCOMING_OF_ONE = 64
const MAX_INCOMING = 1_024
/** Who invites too many is not answered; the log says so this often at most. */
const LOG_EVERY_MS = 5_000

/** What all invitations of one login have in common. */
interface Open {
  readonly line: InvitationLine
  readonly post: Post
  readonly search: CalleeSearch
  readonly callers: Callers
}

/** Where all invitations of a kit are, both ways, and who says what to whom. */
export class InvitationDesk {
  private open: Open | undefined
  private readonly outgoing = new Map<string, OutgoingCall>()
  private readonly incoming = new Map<string, IncomingCall>()
  private readonly endedOutgoing = new Ended<{ calleeId: UserId; outcome: SettledOutcome }>()
  private readonly endedIncoming = new Ended<EndedIncoming>()
  private loggedAt = -Infinity

  constructor(private readonly options: InvitationDeskOptions) {}

  send(
    line: InvitationLine | undefined,
    invitation: LocalInvitation,
    { calleeId, content, channelId }: InvitationWords,
    done: (outcome: SendOutcome) => void,
  ): void {
    const { owner, clock, tell } = this.options
    if (!isUserId(calleeId) || !isTextOrNull(content, MAX_INVITATION_TEXT_BYTES))
      return done('invalid-invitation')
    if (!isTextOrNull(channelId, MAX_INVITATION_CHANNEL_BYTES)) return done('invalid-invitation')
    if (invitation.state !== 'idle')
      return done(this.outgoingOf(invitation) ? 'invitation-sent' : 'invitation-ended')
    invitation.owner = owner
    done('ok')
    if (!line || this.outgoing.size >= MAX_OUTGOING) {
      if (line) this.logRarely(`More than ${MAX_OUTGOING} call invitations wait for an answer`, calleeId)
      invitation.state = 'failed'
      return tell({ of: 'local', invitation, is: line ? 'remote-no-response' : 'not-logged-in' })
    }
    const { post, search } = this.opened(line)
    const bytes = line.randomBytes(INVITATION_ID_BYTES)
    const id = toHex(bytes)
    invitation.id = id
    const call = new OutgoingCall({
      clock,
      post,
      invitation,
      id: bytes,
      calleeId,
      content,
      channelId,
      search: () => search.wake(),
      ended: (outcome) => {
        this.outgoing.delete(id)
        this.endedOutgoing.add(id, { calleeId, outcome }, calleeId)
      },
      tell,
    })
    this.outgoing.set(id, call)
    search.wake()
  }

  cancel(invitation: LocalInvitation, done: (outcome: CancelOutcome) => void): void {
    if (invitation.state === 'idle') return done('invitation-not-sent')
    if (!this.outgoingOf(invitation)?.cancel()) return done('invitation-ended')
    done('ok')
    this.options.tell({ of: 'local', invitation, is: 'canceled' })
  }

  accept(invitation: RemoteInvitation, response: unknown, done: (outcome: AnswerOutcome) => void): void {
    if (!isTextOrNull(response, MAX_INVITATION_TEXT_BYTES)) return done('invalid-invitation')
    const call = this.incomingOf(invitation)
    done(call?.accept(response) ?? 'invitation-ended')
    // Nobody is there any more who could hear it.
    if (call && this.open?.post.isSilent(call.from) === true) call.fail('local-offline')
  }

  refuse(invitation: RemoteInvitation, response: unknown, done: (outcome: AnswerOutcome) => void): void {
    if (!isTextOrNull(response, MAX_INVITATION_TEXT_BYTES)) return done('invalid-invitation')
    done(this.incomingOf(invitation)?.refuse(response) ?? 'invitation-ended')
  }

  receive(line: InvitationLine, from: Peer, bytes: Bytes): void {
    const message = decodeInvitationMessage(bytes)
    if (message) this.heard(this.opened(line), from, message)
  }

  met(peer: Peer): void {
    // This user is here, whatever other session it may have had.
    if (peer.userId === this.open?.line.me().userId) return
    for (const call of this.outgoing.values()) if (call.calleeId === peer.userId) call.met(peer)
  }

  ended({ sessionId }: Peer): void {
    for (const call of [...this.outgoing.values()]) call.over(sessionId)
    for (const call of [...this.incoming.values()])
      if (call.from.sessionId === sessionId) call.fail('local-offline')
  }

  resumed(): void {
    for (const call of [...this.outgoing.values()]) call.resumed()
  }

  sayFarewell(): void {
    for (const call of this.incoming.values()) call.sayGaveUp()
  }

  close(): void {
    const { open } = this
    this.open = undefined
    open?.post.close()
    open?.search.stop()
    open?.callers.stop()
    for (const call of [...this.outgoing.values()]) call.fail('not-logged-in')
    for (const call of [...this.incoming.values()]) call.close()
  }

  private opened(line: InvitationLine): Open {
    if (this.open) return this.open
    const post = new Post(line, (message) => {
      if (this.open) this.heard(this.open, line.me(), message)
    })
    const search = new CalleeSearch(line, () => {
      if (this.outgoing.size === 0) return undefined
      const calls = [...this.outgoing.values()].filter(({ isSearching }) => isSearching)
      return [...new Set(calls.map(({ calleeId }) => calleeId))]
    })
    const present = () => [...this.incoming.values()].map(({ from }) => from)
    const callers = new Callers(line, post, present, (caller) => this.ended(caller))
    this.open = { line, post, search, callers }
    return this.open
  }

  /** Only who is called may answer, and only the session that called may say what becomes of it. */
  private heard(open: Open, from: Peer, message: InvitationMessage): void {
    switch (message.type) {
      case 'invite':
        return this.invited(open, from, message)
      case 'cancel':
        return this.settled(open, from, message.id, 'canceled')
      case 'settled':
        return this.settled(open, from, message.id, message.outcome)
      case 'received':
      case 'accept':
      case 'refuse':
      case 'confirmed':
      case 'gave-up':
        return this.answered(open, from, message)
    }
  }

  private answered(
    { post }: Open,
    from: Peer,
    message: Exclude<InvitationMessage, { type: 'invite' | 'cancel' | 'settled' }>,
  ): void {
    const id = toHex(message.id)
    const call = this.outgoing.get(id)
    const before = this.endedOutgoing.get(id)
    const calleeId = (call ?? before)?.calleeId ?? from.userId
    if (calleeId !== from.userId) return
    switch (message.type) {
      case 'confirmed':
        return call?.confirmed()
      case 'gave-up':
        return call?.givenUp()
      case 'received':
        call?.received()
        break
      case 'accept':
        call?.accepted(from, message.response)
        break
      case 'refuse':
        call?.refused(from, message.response)
        break
    }
    // Whoever does not know that it has ended is told.
    const outcome = before?.outcome ?? 'unknown'
    if (!call) post.reply(from, { type: 'settled', id: message.id, outcome })
  }

  private invited(open: Open, from: Peer, invite: Extract<InvitationMessage, { type: 'invite' }>): void {
    const { id, content, channelId } = invite
    const key = keyOf(id, from)
    const known = this.incoming.get(key)
    if (known) return known.from.sessionId === from.sessionId ? known.again() : undefined
    const before = this.endedIncoming.get(key)
    if (before) return this.repeat(open, from, id, before)
    const ofCaller = [...this.incoming.values()].filter((one) => one.from.userId === from.userId).length
    if (ofCaller >= MAX_INCOMING_OF_ONE || this.incoming.size >= MAX_INCOMING)
      return this.logRarely('Too many call invitations at once: one was not taken', from.userId)
    const { owner, clock, tell } = this.options
    const { userId: callerId } = from
    const invitation: RemoteInvitation = { owner, key, callerId, content, channelId, state: 'received' }
    const call = new IncomingCall({
      clock,
      post: open.post,
      invitation,
      id,
      from,
      ended: (ended) => {
        this.incoming.delete(key)
        this.endedIncoming.add(key, ended, callerId)
      },
      tell,
    })
    this.incoming.set(key, call)
    call.ring()
    open.callers.watch()
  }

  /** The caller did not hear how it ended, and has found this user again. */
  private repeat({ post }: Open, from: Peer, id: Bytes, { outcome, response }: EndedIncoming): void {
    if (outcome === 'refused') post.reply(from, { type: 'refuse', id, response })
    else post.reply(from, { type: outcome === 'accepted' ? 'confirmed' : 'gave-up', id })
  }

  private settled(open: Open, from: Peer, id: Bytes, outcome: SettledOutcome): void {
    const key = keyOf(id, from)
    const call = this.incoming.get(key)
    if (call) return call.from.sessionId === from.sessionId ? call.settled(outcome) : undefined
    // A caller that waits for a confirmation needs a word.
    if (outcome !== 'accepted') return
    const isAccepted = this.endedIncoming.get(key)?.outcome === 'accepted'
    open.post.reply(from, { type: isAccepted ? 'confirmed' : 'gave-up', id })
  }

  private outgoingOf({ id }: LocalInvitation): OutgoingCall | undefined {
    return id === undefined ? undefined : this.outgoing.get(id)
  }

  /** A caller that uses an id once more means another invitation. */
  private incomingOf(invitation: RemoteInvitation): IncomingCall | undefined {
    const call = this.incoming.get(invitation.key)
    return call?.invitation === invitation ? call : undefined
  }

  private logRarely(sentence: string, userId: UserId): void {
    const now = this.options.clock.now()
    if (now - this.loggedAt < LOG_EVERY_MS) return
    this.loggedAt = now
    this.options.log('warn', sentence, { userId })
  }
}

/** A caller's own: nobody can say anything of an invitation of somebody else. */
function keyOf(id: Uint8Array, { userId }: Peer): string {
  return `${toHex(id)}${userId}`
}
