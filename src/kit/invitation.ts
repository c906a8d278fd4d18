import type { LocalInvitation, RemoteInvitation } from '../rtm/invitations/invitation.ts'
import { localInvitationStates, remoteInvitationStates } from './invitation-codes.ts'
import type { AgoraRtmLocalInvitationState, AgoraRtmRemoteInvitationState } from './states.ts'

/** An invitation to a call that this user makes. To be sent once, by `AgoraRtmCallKit.sendLocalInvitation`. */
export class AgoraRtmLocalInvitation {
  /** Who is called: a user id. */
  readonly calleeId: string
  /** What it says: at most 8 KB of UTF-8 (8,192 bytes), judged when it is sent (InvalidAugment). */
  content: string | null = null
  /** Where to talk: at most 64 bytes of UTF-8, judged when it is sent (InvalidAugment). It is only carried: nobody joins it. */
  channelId: string | null = null
  // A function, so that a framework that wraps this object in a Proxy does not wrap what is behind it.
  private readonly internals: () => LocalInvitation

  protected constructor(calleeId: string) {
    const invitation: LocalInvitation = { owner: undefined, id: undefined, state: 'idle', response: null }
    this.internals = () => invitation
    this.calleeId = calleeId
  }

  /** Makes an invitation for a user, also before a login. The id is judged when it is sent (InvalidAugment). */
  static initWithCalleeId(calleeId: string): AgoraRtmLocalInvitation {
    return new AgoraRtmLocalInvitation(calleeId)
  }

  /** @internal What is behind an invitation, wrapped or not; undefined for anything else. */
  static recordOf(value: unknown): LocalInvitation | undefined {
    return value instanceof AgoraRtmLocalInvitation ? value.internals() : undefined
  }

  /** What the callee said when it accepted or refused; null if it said nothing, or has not answered. */
  get response(): string | null {
    return this.internals().response
  }

  /** How it stands. While the callee's acceptance is being confirmed it is still ReceivedByRemote. */
  get state(): AgoraRtmLocalInvitationState {
    return localInvitationStates[this.internals().state]
  }
}

/** An invitation to a call that this user has received, with `remoteInvitationReceived`. */
export class AgoraRtmRemoteInvitation {
  /** Who calls: the user whom the link to it proves, not what the invitation says. */
  readonly callerId: string
  /** What the caller says; null if it says nothing. */
  readonly content: string | null
  /** The channel that the caller names, of at most 64 bytes; null for none. Nobody joins it for that. */
  readonly channelId: string | null
  /** What the caller gets with the answer: at most 8 KB of UTF-8 (8,192 bytes), judged when it is accepted or refused (InvalidAugment). */
  response: string | null = null
  // A function, so that a framework that wraps this object in a Proxy does not wrap what is behind it.
  private readonly internals: () => RemoteInvitation

  /** @internal Made when an invitation arrives. */
  constructor(invitation: RemoteInvitation) {
    this.internals = () => invitation
    this.callerId = invitation.callerId
    this.content = invitation.content
    this.channelId = invitation.channelId
  }

  /** @internal What is behind an invitation, wrapped or not; undefined for anything else. */
  static recordOf(value: unknown): RemoteInvitation | undefined {
    return value instanceof AgoraRtmRemoteInvitation ? value.internals() : undefined
  }

  /** How it stands. While a refusal is on its way it is still InvitationReceived. */
  get state(): AgoraRtmRemoteInvitationState {
    return remoteInvitationStates[this.internals().state]
  }
}
