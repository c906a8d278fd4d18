/** The kit: the API's own names. */
export {
  AgoraRtmAttribute,
  AgoraRtmChannelAttribute,
  AgoraRtmChannelAttributeOptions,
  type AgoraRtmGetChannelAttributesResult,
  type AgoraRtmGetUserAttributesResult,
} from './kit/attribute.ts'
export { AgoraRtmCallKit, type AgoraRtmCallDelegate } from './kit/call-kit.ts'
export {
  AgoraRtmChannel,
  type AgoraRtmChannelDelegate,
  type AgoraRtmGetMembersResult,
  type AgoraRtmMember,
} from './kit/channel.ts'
export * from './kit/error-codes.ts'
export * from './kit/invitation-error-codes.ts'
export { type AgoraRtmRenewTokenResult } from './kit/login-methods.ts'
export { AgoraRtmLocalInvitation, AgoraRtmRemoteInvitation } from './kit/invitation.ts'
export {
  AgoraRtmKit,
  type AgoraRtmDelegate,
  type AgoraRtmDiagnosis,
  type AgoraRtmPeerDiagnosis,
} from './kit/kit.ts'
export { AgoraRtmMessage, AgoraRtmRawMessage, AgoraRtmSendMessageOptions } from './kit/message.ts'
export {
  AgoraRtmChannelMemberCount,
  type AgoraRtmGetChannelMemberCountResult,
  AgoraRtmPeerOnlineStatus,
  type AgoraRtmQueryPeersBySubscriptionOptionResult,
  type AgoraRtmQueryPeersOnlineStatusResult,
} from './kit/presence.ts'
export {
  AgoraRtmAreaCode,
  AgoraRtmCloudProxyType,
  type AgoraRtmServiceContext,
  AgoraRtmSetContextErrorCode,
  type AgoraRtmSignalingServer,
} from './kit/service-context.ts'
export * from './kit/states.ts'
// The page spells this enum without `Rtm`; the SDK's own headers spell it with.
export { AgoraPeerOnlineState as AgoraRtmPeerOnlineState } from './kit/states.ts'
