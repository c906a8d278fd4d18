/** The API of `agora-rtm-sdk` 1.5 on the Web, under its own names. */
export { AgoraRTM as default } from './web/rtm.ts'
export {
  BUILD,
  createInstance,
  END_CALL_PREFIX,
  setArea,
  setParameter,
  setParameters,
  VERSION,
} from './web/rtm.ts'
export { type AreaConfig } from './web/area.ts'
export {
  type AttributesMap,
  type ChannelAttributeOptions,
  type ChannelAttributeProperties,
  type ChannelAttributes,
} from './web/attributes.ts'
export { RtmChannel } from './web/channel.ts'
export { RtmClient, type SendMessageOptions } from './web/client.ts'
export {
  LOG_FILTER_ERROR,
  LOG_FILTER_INFO,
  LOG_FILTER_OFF,
  LOG_FILTER_WARNING,
  type LogFilterType,
  type RtmConfig,
  type RtmSignalingServer,
} from './web/config.ts'
export { type RtmDiagnosis, type RtmPeerDiagnosis } from './web/config-methods.ts'
export { RtmError, type RtmErrorName } from './web/error.ts'
export * as RtmErrorCode from './web/error-codes.ts'
export * as RtmEvents from './web/events.ts'
export { LocalInvitation } from './web/local-invitation.ts'
export { type LoginOptions } from './web/login-methods.ts'
export {
  createMessage,
  type PeerMessageSendResult,
  type ReceivedMessageProperties,
  RtmMessage,
  RtmRawMessage,
  RtmTextMessage,
} from './web/message.ts'
export {
  type ChannelMemberCountResult,
  type PeersOnlineStatusMap,
  type PeersOnlineStatusResult,
} from './web/presence.ts'
export { RemoteInvitation } from './web/remote-invitation.ts'
export * from './web/status-codes.ts'
export * as RtmStatusCode from './web/status-codes.ts'
