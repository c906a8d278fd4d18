import { systemClock } from '../base/clock.ts'
import { type AppId, type ChannelId, isAppId, isChannelId } from '../base/ids.ts'
import { browserSurroundings } from '../rtm/browser-surroundings.ts'
import type { Diagnosis } from '../rtm/diagnosis.ts'
import { Engine } from '../rtm/engine.ts'
import { version } from '../version.ts'
import { Callbacks } from '../rtm/callbacks.ts'
import { AgoraRtmCallKit } from './call-kit.ts'
import { FailureLog } from '../rtm/failure-log.ts'
import { LoginMethods } from './login-methods.ts'
import { AgoraRtmChannel, type AgoraRtmChannelDelegate } from './channel.ts'
import { connectionChangeReasons, connectionStates, sendPeerMessageCodes } from './codes.ts'
import { AgoraRtmSendPeerMessageErrorCode } from './error-codes.ts'
import {
  type AgoraRtmMessage,
  type AgoraRtmSendMessageOptions,
  contentOf,
  receivedMessage,
} from './message.ts'
import type { MethodContext } from './method-context.ts'
import { type AgoraRtmPeerOnlineStatus, statusesOf } from './presence.ts'
import {
  type AgoraRtmServiceContext,
  type AgoraRtmSetContextErrorCode,
  releaseServiceContext,
  setServiceContext,
  takeServiceContext,
} from './service-context.ts'
import { type AgoraRtmConnectionChangeReason, AgoraRtmConnectionState } from './states.ts'

/** What happens to a kit. All methods are optional; they are called one after the other, never inside a call of yours. */
export interface AgoraRtmDelegate {
  /** The connection state changed. After a completion that belongs to the same change. */
  connectionStateChanged?(
    kit: AgoraRtmKit,
    state: AgoraRtmConnectionState,
    reason: AgoraRtmConnectionChangeReason,
  ): void
  /** A message of another user, or of this user to itself. */
  messageReceived?(kit: AgoraRtmKit, message: AgoraRtmMessage, peerId: string): void
  /** How users stand that are subscribed to: each once after the subscription's Ok, then those who have changed. */
  PeersOnlineStatusChanged?(kit: AgoraRtmKit, onlineStatus: AgoraRtmPeerOnlineStatus[]): void
  /**
   * The token has expired, or a server that is back does not take it. A 007 token ended the login with it (the state
   * is Aborted next); else `renewToken` lets the kit return.
   */
  rtmKitTokenDidExpire?(kit: AgoraRtmKit): void
  /** The login ends in 30 s, with its 007 token, unless `renewToken` is called. Beyond the API page: of version 1.5. */
  rtmKitTokenPrivilegeWillExpire?(kit: AgoraRtmKit): void
}

export type { PeerDiagnosis as AgoraRtmPeerDiagnosis } from '../rtm/diagnosis.ts'

/** How a kit stands with its servers and peers, for people who ask why something does not work. */
export interface AgoraRtmDiagnosis extends Omit<Diagnosis, 'appId' | 'userId' | 'sessionId'> {
  /** As the kit was made with. */
  readonly appId: string
  /** Null when nobody is logged in. */
  readonly userId: string | null
  /** Names this login among all others; null when nobody is logged in. */
  readonly sessionId: string | null
  /** The connection state. */
  readonly state: AgoraRtmConnectionState
}

interface KitInternals extends MethodContext {
  readonly appId: AppId
  readonly channels: Map<ChannelId, AgoraRtmChannel<AgoraRtmKit>>
  readonly callKit: AgoraRtmCallKit<AgoraRtmKit>
}

/** One user of one app. Any number of kits in one page work beside each other. */
export class AgoraRtmKit extends LoginMethods {
  /** Who is told what happens to the kit; null for nobody. May be changed at any time. */
  agoraRtmDelegate: AgoraRtmDelegate | null
  /** @internal A function, so that a framework that wraps this object in a Proxy does not wrap what is behind it. */
  protected readonly internals: () => KitInternals

  private constructor(appId: AppId, delegate: AgoraRtmDelegate | null) {
    super()
    this.agoraRtmDelegate = delegate
    const callbacks = new Callbacks()
    const surroundings = browserSurroundings(takeServiceContext())
    const { logbook } = surroundings
    const engine = new Engine(appId, surroundings, {
      connectionStateChanged: (state, reason) =>
        callbacks.post(() =>
          this.agoraRtmDelegate?.connectionStateChanged?.(
            this,
            connectionStates[state],
            connectionChangeReasons[reason],
          ),
        ),
      peerMessage: ({ content, sentAt, isOffline }, from) => {
        const message = receivedMessage(content, Math.min(sentAt, engine.now), isOffline)
        callbacks.post(() => this.agoraRtmDelegate?.messageReceived?.(this, message, from))
      },
      peersChanged: (statuses) =>
        callbacks.post(() => this.agoraRtmDelegate?.PeersOnlineStatusChanged?.(this, statusesOf(statuses))),
      tokenWillExpire: () =>
        callbacks.post(() => this.agoraRtmDelegate?.rtmKitTokenPrivilegeWillExpire?.(this)),
      tokenExpired: () => callbacks.post(() => this.agoraRtmDelegate?.rtmKitTokenDidExpire?.(this)),
      invitation: (news) => callKit.hear(news),
    })
    const failures = new FailureLog(systemClock, logbook)
    const callKit = new AgoraRtmCallKit({
      kit: this,
      callbacks,
      failures,
      engine: () => this.internals().engine,
    })
    const channels: KitInternals['channels'] = new Map()
    const internals: KitInternals = { appId, callbacks, failures, logbook, channels, callKit, engine }
    this.internals = () => internals
    logbook.who = () => engine.who
    logbook.log('info', 'A kit was made', { version, appId })
  }

  /** Makes a kit; null unless `appId` is 32 visible ASCII characters. Users of one app id reach each other. */
  static initWithAppId(appId: string, delegate: AgoraRtmDelegate | null = null): AgoraRtmKit | null {
    return isAppId(appId) ? new AgoraRtmKit(appId, delegate) : null
  }

  /**
   * Says for all kits that are made afterwards where their signaling servers are and which ICE servers they use.
   * Failure when a kit exists that was not destroyed, when a URL is not well-formed, or when no server is left for the
   * area; then nothing has changed.
   */
  static setRtmServiceContext(context: AgoraRtmServiceContext): AgoraRtmSetContextErrorCode {
    return setServiceContext(context)
  }

  /**
   * Sends a message to a user, who need not be in a channel. Ok: the user's kit has it.
   *
   * A user who is offline: PeerUnreachable, or with `enableOfflineMessaging` CachedByServer, as the cloud service
   * says; here the message is kept in this browser, and delivered before later ones when both users are online. So is
   * one that has not left the page in 10 s. What has no answer yet when the page ends may be lost.
   *
   * Limits: 32 KB (InvalidMessage), 180 peer and channel messages in 3 s (TooOften). Timeout 10 s: it may still
   * arrive, and is not kept. Failure: more is waiting for this user than 4,096 messages or 16 MB, or more than 16 MB
   * for offline users.
   */
  sendMessage(
    message: AgoraRtmMessage,
    toPeer: string,
    sendMessageOptions?: Partial<AgoraRtmSendMessageOptions> | null,
    completion?: ((errorCode: AgoraRtmSendPeerMessageErrorCode) => void) | null,
  ): Promise<AgoraRtmSendPeerMessageErrorCode> {
    const { callbacks, engine, failures } = this.internals()
    return callbacks.answer(completion, (done) => {
      if (!engine) return done(AgoraRtmSendPeerMessageErrorCode.NotInitialized)
      const options = { isKeptIfOffline: sendMessageOptions?.enableOfflineMessaging === true }
      engine.sendToPeer(toPeer, contentOf(message), options, (outcome) =>
        done(sendPeerMessageCodes[failures.told('sendMessage', outcome)]),
      )
    })
  }

  /**
   * A channel object, without joining. The same object again for an id that has one, with the new delegate if
   * one is given. Null for an id that is not well-formed (as a user id).
   */
  createChannelWithId(
    channelId: string,
    delegate: AgoraRtmChannelDelegate | null = null,
  ): AgoraRtmChannel<AgoraRtmKit> | null {
    const { channels, callbacks, failures, engine } = this.internals()
    if (!isChannelId(channelId) || !engine) return null
    const known = channels.get(channelId)
    if (known) {
      if (delegate) known.channelDelegate = delegate
      return known
    }
    const channel: AgoraRtmChannel<AgoraRtmKit> = new AgoraRtmChannel(
      {
        kit: this,
        channelId,
        callbacks,
        failures,
        engine: () => (channels.get(channelId) === channel ? this.internals().engine : undefined),
      },
      delegate,
    )
    channels.set(channelId, channel)
    return channel
  }

  /** Frees a channel object, leaving the channel if it is joined; false if there is none. Its methods then answer NotInitialized. */
  destroyChannelWithId(channelId: string): boolean {
    const { channels, engine } = this.internals()
    if (!isChannelId(channelId) || !channels.has(channelId)) return false
    engine?.leave(channelId)
    return channels.delete(channelId)
  }

  /** The call invitations of this kit, always the same object; also before a login, so that a delegate misses nothing. */
  getRtmCallKit(): AgoraRtmCallKit<AgoraRtmKit> {
    const { callKit, engine } = this.internals()
    void engine?.invitations.prepare()
    return callKit
  }

  /** The same as `getRtmCallKit()`. */
  get rtmCallKit(): AgoraRtmCallKit<AgoraRtmKit> {
    return this.getRtmCallKit()
  }

  /** Own session, servers, and per peer its state in words, path, candidate types, queued bytes and last error. */
  async diagnose(): Promise<AgoraRtmDiagnosis> {
    const { appId, engine } = this.internals()
    const diagnosis = await engine?.diagnose()
    return {
      appId,
      userId: diagnosis?.userId ?? null,
      sessionId: diagnosis?.sessionId ?? null,
      state: engine ? connectionStates[engine.state] : AgoraRtmConnectionState.Disconnected,
      servers: diagnosis?.servers ?? [],
      peers: diagnosis?.peers ?? [],
    }
  }

  /** Logs out and frees the kit. Its methods then answer NotInitialized. */
  destroy(): void {
    const internals = this.internals()
    if (!internals.engine) return
    internals.engine.logout(() => undefined)
    internals.engine = undefined
    internals.channels.clear()
    internals.logbook.close()
    releaseServiceContext()
  }
}
