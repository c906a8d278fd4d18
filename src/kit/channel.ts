import type { ChannelId } from '../base/ids.ts'
import type { Engine } from '../rtm/engine.ts'
import type { RoomEvents } from '../rtm/room.ts'
import { type AgoraRtmChannelAttribute, channelAttributesOf } from './attribute.ts'
import type { Callbacks } from '../rtm/callbacks.ts'
import type { FailureLog } from '../rtm/failure-log.ts'
import { getMembersCodes, joinChannelCodes, leaveChannelCodes, sendChannelMessageCodes } from './codes.ts'
import {
  AgoraRtmGetMembersErrorCode,
  AgoraRtmJoinChannelErrorCode,
  AgoraRtmLeaveChannelErrorCode,
  AgoraRtmSendChannelMessageErrorCode,
} from './error-codes.ts'
import {
  type AgoraRtmMessage,
  type AgoraRtmSendMessageOptions,
  contentOf,
  receivedMessage,
} from './message.ts'

/** One member of a channel. */
export interface AgoraRtmMember {
  /** Whose it is, verified. */
  readonly userId: string
  /** The channel that it is a member of. */
  readonly channelId: string
}

/** Answer of `getMembersWithCompletion`; `members` is null unless the code is Ok. */
export interface AgoraRtmGetMembersResult {
  /** In no order; null unless the code is Ok. */
  readonly members: AgoraRtmMember[] | null
  /** Ok, or why there is no answer. */
  readonly errorCode: AgoraRtmGetMembersErrorCode
}

/** What happens in a channel. All methods are optional; they are called one after the other, never inside a call of yours. */
export interface AgoraRtmChannelDelegate {
  /** A remote user joined. Stops in channels of more than 512 members. */
  memberJoined?(channel: AgoraRtmChannel, member: AgoraRtmMember): void
  /**
   * A remote user left, logged out, closed the page, was replaced by another login, or was not heard of for 30 s.
   * Stops in channels of more than 512 members.
   */
  memberLeft?(channel: AgoraRtmChannel, member: AgoraRtmMember): void
  /** The number of members, this user included: after the own join, then on change, at most once a second (above 512 members: once in 3 s). */
  memberCount?(channel: AgoraRtmChannel, count: number): void
  /** A message of another member. */
  messageReceived?(channel: AgoraRtmChannel, message: AgoraRtmMessage, member: AgoraRtmMember): void
  /**
   * Somebody, this user or one who need not have joined, changed the channel's attributes with
   * `enableNotificationToChannelMembers`. All attributes, as they are now.
   */
  attributeUpdate?(channel: AgoraRtmChannel, attributes: AgoraRtmChannelAttribute[]): void
}

/** What a channel needs of the kit that made it. */
export interface ChannelInternals<Kit> {
  readonly kit: Kit
  readonly channelId: ChannelId
  readonly callbacks: Callbacks
  readonly failures: FailureLog
  /** Undefined once the channel or its kit was destroyed. */
  engine(): Engine | undefined
}

/** A channel of a kit, made by `createChannelWithId`. */
export class AgoraRtmChannel<Kit = unknown> {
  /** Who is told what happens in the channel; null for nobody. May be changed at any time. */
  channelDelegate: AgoraRtmChannelDelegate | null
  /** As it was made with: 1 to 64 bytes. */
  readonly channelId: string
  // A function, so that a framework that wraps this object in a Proxy does not wrap what is behind it.
  private readonly internals: () => ChannelInternals<Kit>

  /** @internal Made by `createChannelWithId`. */
  constructor(internals: ChannelInternals<Kit>, delegate: AgoraRtmChannelDelegate | null) {
    this.internals = () => internals
    this.channelId = internals.channelId
    this.channelDelegate = delegate
  }

  /** The kit that made this channel. */
  get kit(): Kit {
    return this.internals().kit
  }

  /**
   * Joins the channel. Others get `memberJoined`; everybody gets `memberCount`.
   *
   * Limits: 20 channels at once (ExceedLimit), 50 joins in 3 s (TooOften), 2 of the same channel in 5 s
   * (SameChannelTooOften). Timeout 5 s. Failure: the channel was left, or the session ended, before the answer.
   */
  joinWithCompletion(
    completion?: ((errorCode: AgoraRtmJoinChannelErrorCode) => void) | null,
  ): Promise<AgoraRtmJoinChannelErrorCode> {
    const { callbacks, engine, channelId, failures } = this.internals()
    return callbacks.answer(completion, (done) => {
      const present = engine()
      if (!present) return done(AgoraRtmJoinChannelErrorCode.NotInitialized)
      present.join(channelId, this.roomEvents(), (outcome) =>
        done(joinChannelCodes[failures.told('joinWithCompletion', outcome)]),
      )
    })
  }

  /**
   * Leaves the channel. Others get `memberLeft`; nothing of the channel arrives any more. A join that is not answered
   * yet is undone, and answered with Failure.
   */
  leaveWithCompletion(
    completion?: ((errorCode: AgoraRtmLeaveChannelErrorCode) => void) | null,
  ): Promise<AgoraRtmLeaveChannelErrorCode> {
    const { callbacks, engine, channelId, failures } = this.internals()
    return callbacks.answer(completion, (done) => {
      const present = engine()
      if (!present) return done(AgoraRtmLeaveChannelErrorCode.NotInitialized)
      done(leaveChannelCodes[failures.told('leaveWithCompletion', present.leave(channelId))])
    })
  }

  /**
   * Sends a message to all other members. Ok: one of them has it, or no other member is online.
   *
   * Limits: 32 KB (InvalidMessage), 180 peer and channel messages in 3 s (TooOften). Timeout 10 s.
   * Failure: not joined, or more is waiting for a member than 4,096 messages or 16 MB.
   */
  sendMessage(
    message: AgoraRtmMessage,
    sendMessageOptions?: Partial<AgoraRtmSendMessageOptions> | null,
    completion?: ((errorCode: AgoraRtmSendChannelMessageErrorCode) => void) | null,
  ): Promise<AgoraRtmSendChannelMessageErrorCode> {
    // Options concern messages to offline peers; there are none in a channel.
    void sendMessageOptions
    const { callbacks, engine, channelId, failures } = this.internals()
    return callbacks.answer(completion, (done) => {
      const present = engine()
      if (!present) return done(AgoraRtmSendChannelMessageErrorCode.NotInitialized)
      present.sendToChannel(channelId, contentOf(message), (outcome) =>
        done(sendChannelMessageCodes[failures.told('sendMessage', outcome)]),
      )
    })
  }

  /**
   * Everybody in the channel, this user included; of more than 512 members a random choice of 512.
   *
   * Limit: 5 calls in 2 s (TooOften).
   */
  getMembersWithCompletion(
    completion?: ((members: AgoraRtmMember[] | null, errorCode: AgoraRtmGetMembersErrorCode) => void) | null,
  ): Promise<AgoraRtmGetMembersResult> {
    const { callbacks, engine, channelId, failures } = this.internals()
    const block =
      completion && (({ members, errorCode }: AgoraRtmGetMembersResult) => completion(members, errorCode))
    return callbacks.answer(block, (done) => {
      const outcome = engine()?.members(channelId)
      if (outcome === undefined) {
        return done({ members: null, errorCode: AgoraRtmGetMembersErrorCode.NotInitialized })
      }
      if (typeof outcome === 'string') {
        const errorCode = getMembersCodes[failures.told('getMembersWithCompletion', outcome)]
        return done({ members: null, errorCode })
      }
      const members = outcome.map((userId) => ({ userId, channelId }))
      done({ members, errorCode: AgoraRtmGetMembersErrorCode.Ok })
    })
  }

  private roomEvents(): RoomEvents {
    const { callbacks, engine, channelId } = this.internals()
    const tell = (call: (delegate: AgoraRtmChannelDelegate) => void): void => {
      callbacks.post(() => {
        if (this.channelDelegate) call(this.channelDelegate)
      })
    }
    return {
      memberJoined: ({ userId }) => tell((delegate) => delegate.memberJoined?.(this, { userId, channelId })),
      memberLeft: ({ userId }) => tell((delegate) => delegate.memberLeft?.(this, { userId, channelId })),
      memberCount: (count) => tell((delegate) => delegate.memberCount?.(this, count)),
      message: ({ content, sentAt }, { userId }) => {
        const message = receivedMessage(content, Math.min(sentAt, engine()?.now ?? sentAt))
        tell((delegate) => delegate.messageReceived?.(this, message, { userId, channelId }))
      },
      attributesUpdated: (attributes) =>
        tell((delegate) => delegate.attributeUpdate?.(this, channelAttributesOf(attributes))),
    }
  }
}
