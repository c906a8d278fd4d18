import type { ChannelAttributes } from './attributes.ts'
import type { ReceivedMessageProperties, RtmMessage } from './message.ts'
import type { PeersOnlineStatusMap } from './presence.ts'
import type { RemoteInvitation } from './remote-invitation.ts'
import type { ConnectionChangeReason, ConnectionState } from './status-codes.ts'

export type { LocalInvitationEvents, RemoteInvitationEvents } from './invitation-events.ts'

/** Events of an `RtmClient`, by their names: what their listeners are called with. */
export interface RtmClientEvents {
  /** A message of another user, or of this user to itself. */
  MessageFromPeer: (message: RtmMessage, peerId: string, messageProps: ReceivedMessageProperties) => void
  /** The connection state changed. CONNECTING fires inside `login`, all others after the call that they belong to. */
  ConnectionStateChanged: (newState: ConnectionState, reason: ConnectionChangeReason) => void
  /** Somebody calls. The caller is told by itself that the invitation has come. */
  RemoteInvitationReceived: (remoteInvitation: RemoteInvitation) => void
  /**
   * The token has expired, or a server that is back does not take it. A 007 token ended the login with it (the state is
   * ABORTED next); else `renewToken` lets the client return.
   */
  TokenExpired: () => void
  /** The login ends in 30 s, with its 007 token, unless `renewToken` is called. */
  TokenPrivilegeWillExpire: () => void
  /** How users stand that are subscribed to: each once after the subscription, then those who have changed. */
  PeersOnlineStatusChanged: (status: PeersOnlineStatusMap) => void
  /** Of the cloud service's proxies; there are none here, so it never fires. */
  FallbackProxyConnected: () => void
}

/** Events of an `RtmChannel`. */
export interface RtmChannelEvents {
  /** A message of another member. */
  ChannelMessage: (message: RtmMessage, memberId: string, messageProps: ReceivedMessageProperties) => void
  /**
   * Another member left, logged out, closed the page, was replaced by another login, or was not heard of for 30 s.
   * Stops in channels of more than 512 members.
   */
  MemberLeft: (memberId: string) => void
  /** Another user joined. Stops in channels of more than 512 members. */
  MemberJoined: (memberId: string) => void
  /**
   * Somebody, this user or one who need not have joined, changed the channel's attributes with
   * `enableNotificationToChannelMembers`. All attributes, as they are now.
   */
  AttributesUpdated: (attributes: ChannelAttributes) => void
  /** The number of members, this user included: after the own join, then on change, at most once a second (above 512 members: once in 3 s). */
  MemberCountUpdated: (memberCount: number) => void
}
