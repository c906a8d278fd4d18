import { isAppId } from '../base/ids.ts'
import { version } from '../version.ts'
import { RtmChannel } from './channel.ts'
import { RtmClient } from './client.ts'
import {
  LOG_FILTER_ERROR,
  LOG_FILTER_INFO,
  LOG_FILTER_OFF,
  LOG_FILTER_WARNING,
  type RtmConfig,
} from './config.ts'
import type { AreaConfig } from './area.ts'
import { argumentError, setDefaultArea, setDefaultConfig, settle } from './defaults.ts'
import * as RtmErrorCode from './error-codes.ts'
import { RtmError } from './error.ts'
import { LocalInvitation } from './local-invitation.ts'
import { createMessage } from './message.ts'
import { RemoteInvitation } from './remote-invitation.ts'
import * as RtmStatusCode from './status-codes.ts'

/** The version of this package. */
export const VERSION = version

/** What was built: this package, and the version of the API that it stands in for. */
export const BUILD = `rtm-mesh ${version}, as agora-rtm-sdk 1.5.1`

/** A text message that begins with it, followed by `_`, a channel id, `_` and some text, ends a call of the cloud's former Signaling SDK. */
export const END_CALL_PREFIX = 'AgoraRTMLegacyEndcallCompatibleMessagePrefix'

/**
 * Makes a client for the users of an app, who reach each other. Throws an `RtmError` with code 1 unless `appId` is 32
 * visible ASCII characters and the configuration is well-formed.
 */
export function createInstance(appId: string, config?: RtmConfig | null): RtmClient
/** The same; `areaCodes` is of earlier versions: see `setArea`. */
export function createInstance(
  appId: string,
  config?: RtmConfig | null,
  areaCodes?: readonly (RtmStatusCode.AreaCode | RtmStatusCode.LegacyAreaCode)[],
): RtmClient
export function createInstance(
  appId: string,
  config?: RtmConfig | null,
  areaCodes?: readonly (RtmStatusCode.AreaCode | RtmStatusCode.LegacyAreaCode)[],
): RtmClient {
  if (!isAppId(appId)) throw argumentError('createInstance: appId must be 32 visible ASCII characters')
  const { config: full, network } = settle(config ?? {}, areaCodes)
  return new RtmClient(appId, full, network)
}

/**
 * Where this page is, for all clients that are created afterwards; everywhere if it is never set. Then all servers of a
 * client's `signaling` are used; else those that are meant for one of these areas, and after them those that are URLs
 * only. Pages that use other servers do not meet, unless these servers are one cluster. Throws an `RtmError` with code 1
 * for what is no area.
 */
export function setArea(areaConfig: AreaConfig): void {
  setDefaultArea(areaConfig)
}

/**
 * What all clients have that are created afterwards, unless their own configuration says otherwise. Options that are
 * left out stay as they are. Throws an `RtmError` with code 1 if it is not well-formed. Not in the API of the cloud
 * service.
 */
export function setParameters(config: RtmConfig): void {
  setDefaultConfig(config)
}

/** One option of `setParameters`, by its name; one that is not known is ignored. */
export function setParameter(name: string, value: unknown): void {
  setDefaultConfig({ [name]: value })
}

const {
  AreaCode,
  ConnectionChangeReason,
  ConnectionState,
  LegacyAreaCode,
  LocalInvitationFailureReason,
  LocalInvitationState,
  MessageType,
  PeerOnlineState,
  PeerSubscriptionOption,
  RemoteInvitationFailureReason,
  RemoteInvitationState,
} = RtmStatusCode

/** All that the package has, in one object, as the global of a script tag. */
export const AgoraRTM = {
  VERSION,
  BUILD,
  END_CALL_PREFIX,
  LOG_FILTER_OFF,
  LOG_FILTER_ERROR,
  LOG_FILTER_WARNING,
  LOG_FILTER_INFO,
  /** Makes a client. */
  createInstance,
  /** A copy of a message, to be sent. */
  createMessage,
  /** Where this page is, for clients that are created afterwards. */
  setArea,
  /** One option of clients that are created afterwards. */
  setParameter,
  /** What clients have that are created afterwards. */
  setParameters,
  /** The class of clients. */
  RtmClient,
  /** The class of channels. */
  RtmChannel,
  /** The class of invitations that this user makes. */
  LocalInvitation,
  /** The class of invitations that this user receives. */
  RemoteInvitation,
  /** What calls reject with or throw. */
  RtmError,
  RtmErrorCode,
  RtmStatusCode,
  /** Parts of the world. */
  AreaCode,
  /** Why the connection state changed. */
  ConnectionChangeReason,
  /** How the connection stands. */
  ConnectionState,
  /** Areas by their former names. */
  LegacyAreaCode,
  /** Why an invitation failed for its caller. */
  LocalInvitationFailureReason,
  /** How an invitation stands with its caller. */
  LocalInvitationState,
  /** What a message carries. */
  MessageType,
  /** Whether a peer can be reached. */
  PeerOnlineState,
  /** What of a peer is subscribed. */
  PeerSubscriptionOption,
  /** Why an invitation failed for its callee. */
  RemoteInvitationFailureReason,
  /** How an invitation stands with its callee. */
  RemoteInvitationState,
}
