import { type AppId, type ChannelId, isChannelId, isUserId } from '../base/ids.ts'
import { browserSurroundings, type NetworkOptions } from '../rtm/browser-surroundings.ts'
import { Callbacks } from '../rtm/callbacks.ts'
import { Engine } from '../rtm/engine.ts'
import { FailureLog } from '../rtm/failure-log.ts'
import type { InvitationNews } from '../rtm/invitations/invitation.ts'
import type { ConnectionChangeReason, ConnectionState } from '../rtm/session.ts'
import { version } from '../version.ts'
import { call } from './calls.ts'
import { type ChannelInternals, RtmChannel } from './channel.ts'
import { peerMessageCodes } from './codes.ts'
import type { RtmConfig } from './config.ts'
import type { ListenerType } from './emitter.ts'
import { CreateChannelError, InvitationApiCallError } from './error-codes.ts'
import { RtmError } from './error.ts'
import type { RtmClientEvents } from './events.ts'
import type { InvitationContext } from './invitation-calls.ts'
import { hearOfLocal, LocalInvitation } from './local-invitation.ts'
import { LoginMethods } from './login-methods.ts'
import {
  contentOf,
  createMessage,
  type PeerMessageSendResult,
  receivedMessage,
  receivedProperties,
  type RtmMessage,
} from './message.ts'
import { statusMapOf } from './presence.ts'
import { hearOfRemote, RemoteInvitation } from './remote-invitation.ts'
import { connectionChangeReasons, connectionStates } from './states.ts'

/** How deep a program may await a call and still add its listeners before the events that belong to it. */
const AWAITING_TURNS = 16

/** How a peer message is to be sent. Of earlier versions of the API. */
export interface SendMessageOptions {
  /**
   * Keep the message for a peer that is offline: in this user's browser, for 7 days, at most 200 messages for one peer
   * (one more drops the oldest) and 16 MB in all. It is delivered, once, when both users are online.
   */
  enableOfflineMessaging?: boolean | undefined
  /** Taken, and without effect. */
  enableHistoricalMessaging?: boolean | undefined
}

interface ClientInternals extends InvitationContext {
  readonly appId: AppId
  readonly joined: Map<ChannelId, ChannelInternals>
}

/** One user of one app. Any number of clients in one page work beside each other. */
export class RtmClient extends LoginMethods {
  /** @internal A function, so that a framework that wraps this object in a Proxy does not wrap what is behind it. */
  protected readonly internals: () => ClientInternals

  /** @internal Made by `createInstance`. */
  constructor(appId: AppId, config: RtmConfig, network: NetworkOptions) {
    super()
    const callbacks = new Callbacks(AWAITING_TURNS)
    const surroundings = browserSurroundings(network)
    const { clock, logbook } = surroundings
    const tell = <Name extends keyof RtmClientEvents>(
      name: Name,
      ...args: ListenerType<RtmClientEvents[Name]>
    ): void => callbacks.post(() => void (internals.engine && this.emit(name, ...args)))
    const engine: Engine = new Engine(appId, surroundings, {
      connectionStateChanged: (state, reason) => this.hearOfState(state, reason),
      peerMessage: (received, from) =>
        tell('MessageFromPeer', receivedMessage(received), from, receivedProperties(received, engine.now)),
      peersChanged: (statuses) => tell('PeersOnlineStatusChanged', statusMapOf(statuses)),
      tokenWillExpire: () => tell('TokenPrivilegeWillExpire'),
      tokenExpired: () => tell('TokenExpired'),
      invitation: (news) => this.hearOfInvitation(news),
    })
    const failures = new FailureLog(clock, logbook, true)
    const internals: ClientInternals = {
      appId,
      callbacks,
      failures,
      logbook,
      engine,
      joined: new Map(),
      objects: new WeakMap(),
    }
    this.internals = () => internals
    logbook.who = () => engine.who
    this.updateConfig(config)
    logbook.log('info', 'A client was made', { version, appId })
  }

  /**
   * Sends a message to a user, who need not be in a channel. `hasPeerReceived` is true when the user's client has it,
   * and false when the user is offline: then it was not sent and will not be, unless `options` has it kept. Rejects with
   * a code of `RtmErrorCode.PeerMessageError`.
   *
   * Limits: 32 KB (INVALID_MESSAGE), 180 peer and channel messages in 3 s (TOO_OFTEN). TIMEOUT 10 s: it may still
   * arrive, and is not kept. FAILURE: more is waiting for this user than 4,096 messages or 16 MB, or more than 16 MB
   * for offline users.
   */
  sendMessageToPeer(
    message: RtmMessage,
    peerId: string,
    options?: SendMessageOptions,
  ): Promise<PeerMessageSendResult> {
    const method = 'sendMessageToPeer'
    return call(this.internals(), method, peerMessageCodes, (engine, answer) => {
      const content = contentOf(message)
      if (typeof content === 'string') return answer.failed(content)
      const isKeptIfOffline = options?.enableOfflineMessaging === true
      engine.sendToPeer(peerId, content, { isKeptIfOffline }, (outcome) => {
        if (outcome === 'ok') answer.ok({ hasPeerReceived: true })
        else if (outcome === 'peer-unreachable' || outcome === 'cached') answer.ok({ hasPeerReceived: false })
        else answer.failed(outcome)
      })
    })
  }

  /**
   * A new channel object, without joining. Throws an `RtmError` with code 1 for an id that is not 1 to 64 letters,
   * digits, spaces and ``!#$%&()+-:;<=.>?@[]^_{}|~,`` (not `null`).
   */
  createChannel(channelId: string): RtmChannel {
    const context = this.internals()
    if (!isChannelId(channelId))
      throw idError('createChannel: channelId', CreateChannelError.CREATE_CHANNEL_ERR_INVALID_ARGUMENT)
    return new RtmChannel({ channelId, context, joined: context.joined })
  }

  /** A new invitation to a call, to be sent by its `send`. Throws an `RtmError` with code 1 for an id that is not well-formed (as of a channel). */
  createLocalInvitation(calleeId: string): LocalInvitation {
    const context = this.internals()
    if (!isUserId(calleeId))
      throw idError(
        'createLocalInvitation: calleeId',
        InvitationApiCallError.INVITATION_API_CALL_ERR_INVALID_ARGUMENT,
      )
    void context.engine?.invitations.prepare()
    return new LocalInvitation(calleeId, context)
  }

  /** A copy of a message with its `messageType`, to be sent; a plain object serves as well. */
  createMessage<T extends RtmMessage>(message: Partial<T>): T {
    return createMessage(message)
  }

  private hearOfState(state: ConnectionState, reason: ConnectionChangeReason): void {
    const { callbacks, joined } = this.internals()
    if (state === 'disconnected' || state === 'aborted') joined.clear()
    const tell = (): unknown =>
      this.emit('ConnectionStateChanged', connectionStates[state], connectionChangeReasons[reason])
    if (state !== 'connecting') return callbacks.post(() => void tell())
    // Inside `login`, as programs expect it; but never before an event of the login before.
    callbacks.flush()
    tell()
  }

  private hearOfInvitation(news: InvitationNews): void {
    const internals = this.internals()
    const { callbacks, objects } = internals
    if (news.of === 'remote' && news.is === 'received') {
      const invitation = new RemoteInvitation(news.invitation, internals)
      return callbacks.post(
        () => void (internals.engine && this.emit('RemoteInvitationReceived', invitation)),
      )
    }
    const object = objects.get(news.invitation)
    callbacks.post(() => {
      if (news.of === 'local' && object instanceof LocalInvitation) hearOfLocal(object, news)
      else if (news.of === 'remote' && news.is !== 'received' && object instanceof RemoteInvitation)
        hearOfRemote(object, news.is)
    })
  }
}

function idError(what: string, code: number): RtmError {
  const rule = '1 to 64 letters, digits, spaces or !#$%&()+-:;<=.>?@[]^_{}|~, and not "null"'
  return new RtmError('RtmInvalidArgumentError', code, `${what} must be ${rule}`)
}
