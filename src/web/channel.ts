import type { ChannelId } from '../base/ids.ts'
import type { RoomEvents } from '../rtm/room.ts'
import { channelAttributesOf } from './attributes.ts'
import { call, type MethodContext } from './calls.ts'
import { channelMessageCodes, getMembersCodes, joinChannelCodes, leaveChannelCodes } from './codes.ts'
import { type ListenerType, RtmEmitter } from './emitter.ts'
import type { RtmChannelEvents } from './events.ts'
import { contentOf, receivedMessage, receivedProperties, type RtmMessage } from './message.ts'

/** What a channel object needs of the client that made it. */
export interface ChannelInternals {
  readonly channelId: ChannelId
  readonly context: MethodContext
  /** Which channel object of the client has joined each channel, or is joining it. */
  readonly joined: Map<ChannelId, ChannelInternals>
}

/**
 * A channel of a client, made by `createChannel`. Any number of objects may be made for one channel id; one of them may
 * join at a time, also after a logout and the next login.
 */
export class RtmChannel extends RtmEmitter<RtmChannelEvents> {
  /** As it was made with: 1 to 64 bytes. */
  readonly channelId: string
  // A function, so that a framework that wraps this object in a Proxy does not wrap what is behind it.
  private readonly internals: () => ChannelInternals

  /** @internal Made by `createChannel`. */
  constructor(internals: ChannelInternals) {
    super()
    this.internals = () => internals
    this.channelId = internals.channelId
  }

  /**
   * Joins the channel. Others get `MemberJoined`; everybody gets `MemberCountUpdated`. Rejects with a code of
   * `RtmErrorCode.JoinChannelError`.
   *
   * Limits: 20 channels at once (EXCEED_LIMIT), 50 joins in 3 s (TOO_OFTEN), 2 of the same channel in 5 s
   * (JOIN_SAME_CHANNEL_TOO_OFTEN). TIMEOUT 5 s. FAILURE: the channel was left, or the session ended, before the answer.
   */
  join(): Promise<void> {
    const internals = this.internals()
    const { channelId, context, joined } = internals
    return call(context, 'join', joinChannelCodes, (engine, answer) => {
      const present = joined.get(channelId)
      const isOpen = engine.state === 'connected' || engine.state === 'reconnecting'
      if (isOpen && !present) joined.set(channelId, internals)
      engine.join(channelId, this.roomEvents(), (outcome) => {
        if (outcome === 'ok') return answer.ok()
        if (!present && joined.get(channelId) === internals) joined.delete(channelId)
        const isOfAnother = outcome === 'already-joined' && present !== internals
        answer.failed(isOfAnother ? 'joined-by-another' : outcome)
      })
    })
  }

  /**
   * Leaves the channel. Others get `MemberLeft`; nothing of the channel arrives any more. Others are told before this
   * returns, so that it may be called in `beforeunload`. A join that has not resolved yet is undone, and rejects with
   * FAILURE. Rejects with a code of `RtmErrorCode.LeaveChannelError`.
   */
  leave(): Promise<void> {
    const internals = this.internals()
    const { channelId, context, joined } = internals
    return call(context, 'leave', leaveChannelCodes, (engine, answer) => {
      const stranger = this.strangerOutcome()
      if (stranger) return answer.failed(stranger)
      const outcome = engine.leave(channelId)
      joined.delete(channelId)
      if (outcome === 'ok') answer.ok()
      else answer.failed(outcome)
    })
  }

  /**
   * Sends a message to all other members. Resolves when one of them has it, or no other member is online. Rejects with
   * a code of `RtmErrorCode.ChannelMessageError`.
   *
   * Limits: 32 KB (INVALID_MESSAGE), 180 peer and channel messages in 3 s (TOO_OFTEN). TIMEOUT 10 s. FAILURE: more is
   * waiting for a member than 4,096 messages or 16 MB.
   */
  sendMessage(message: RtmMessage): Promise<void> {
    const { channelId, context } = this.internals()
    return call(context, 'sendMessage', channelMessageCodes, (engine, answer) => {
      const content = contentOf(message)
      if (typeof content === 'string') return answer.failed(content)
      const stranger = this.strangerOutcome()
      if (stranger) return answer.failed(stranger)
      engine.sendToChannel(channelId, content, (outcome) =>
        outcome === 'ok' ? answer.ok() : answer.failed(outcome),
      )
    })
  }

  /**
   * The user ids of everybody in the channel, this user included, in no order; of more than 512 members a random choice
   * of 512. Rejects with a code of `RtmErrorCode.GetMembersError`.
   *
   * Limit: 5 calls in 2 s (TOO_OFTEN).
   */
  getMembers(): Promise<string[]> {
    const { channelId, context } = this.internals()
    return call(context, 'getMembers', getMembersCodes, (engine, answer) => {
      const outcome = this.strangerOutcome() ?? engine.members(channelId)
      if (typeof outcome === 'string') answer.failed(outcome)
      else answer.ok([...outcome])
    })
  }

  /** How a call ends that needs this object to have joined; undefined if it has, or is joining. */
  private strangerOutcome(): 'not-in-channel' | 'not-logged-in' | 'aborted' | undefined {
    const internals = this.internals()
    const { context, joined, channelId } = internals
    const state = context.engine?.state
    if (state === 'aborted') return state
    if (state !== 'connected' && state !== 'reconnecting') return 'not-logged-in'
    return joined.get(channelId) === internals ? undefined : 'not-in-channel'
  }

  private roomEvents(): RoomEvents {
    const { context } = this.internals()
    const { callbacks, engine } = context
    const tell = <Name extends keyof RtmChannelEvents>(
      name: Name,
      ...args: ListenerType<RtmChannelEvents[Name]>
    ): void => callbacks.post(() => void (context.engine && this.emit(name, ...args)))
    return {
      memberJoined: ({ userId }) => tell('MemberJoined', userId),
      memberLeft: ({ userId }) => tell('MemberLeft', userId),
      memberCount: (count) => tell('MemberCountUpdated', count),
      message: (received, { userId }) => {
        const properties = receivedProperties(received, engine?.now ?? received.sentAt)
        tell('ChannelMessage', receivedMessage(received), userId, properties)
      },
      attributesUpdated: (attributes) => tell('AttributesUpdated', channelAttributesOf(attributes)),
    }
  }
}
