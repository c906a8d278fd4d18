import type { UserId } from '../base/ids.ts'
import type { AttributeProblem } from './attribute-change.ts'
import type { UserReadResult } from './attribute-reads.ts'
import type { ChannelReadResult, ChannelWriteResult } from './channel-attribute-operations.ts'
import type { ChannelCount } from './channel-counts.ts'
import type { JoinResult } from './channels.ts'
import type { PeerSendResult } from './peer-messages.ts'
import type { PeerStatus, SubscribeResult } from './presence.ts'
import type { ChannelSendResult } from './room.ts'
import type { LoginResult } from './session.ts'
import type { RenewResult } from './token-watch.ts'

/** How each operation of the engine may end: well, or for one of these reasons. */

/** Reasons that several operations share. */
export type NotReady = 'not-logged-in' | 'aborted'

export type LoginOutcome = LoginResult | 'invalid-argument' | 'too-often'
export type RenewTokenOutcome = RenewResult | NotReady | 'no-token' | 'too-often'
export type PeerSendOutcome = PeerSendResult | NotReady | 'invalid-user-id' | 'invalid-message' | 'too-often'
export type ChannelSendOutcome =
  ChannelSendResult | NotReady | 'invalid-message' | 'too-often' | 'not-in-channel'
export type JoinOutcome = JoinResult | NotReady | 'too-often' | 'same-channel-too-often'
export type LeaveOutcome = 'ok' | NotReady | 'not-in-channel'
export type MembersOutcome = readonly UserId[] | NotReady | 'too-often' | 'not-in-channel'
type AttributeRefusal = AttributeProblem | NotReady | 'too-often'
export type UserWriteOutcome = 'ok' | 'size-overflow' | AttributeRefusal
export type UserReadOutcome = UserReadResult | AttributeRefusal | 'invalid-user-id'
export type ChannelWriteOutcome = ChannelWriteResult | AttributeRefusal | 'invalid-channel-id'
export type ChannelReadOutcome = ChannelReadResult | AttributeRefusal | 'invalid-channel-id'
type AskedFailure = 'timeout' | 'failure' | 'too-often' | NotReady
export type PeersOnlineOutcome = readonly PeerStatus[] | AskedFailure | 'invalid-peer-ids'
export type SubscribeOutcome = SubscribeResult | NotReady | 'invalid-peer-ids' | 'too-often'
export type UnsubscribeOutcome = Exclude<SubscribeOutcome, Exclude<SubscribeResult, 'ok'>>
export type SubscriptionsOutcome = readonly UserId[] | NotReady | 'too-often' | 'unknown-option'
export type MemberCountsOutcome =
  readonly ChannelCount[] | AskedFailure | 'invalid-channel-ids' | 'too-many-counted-channels'
