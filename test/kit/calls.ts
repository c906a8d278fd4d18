import type { AgoraRtmChannel, AgoraRtmKit } from '../../src/index.ts'

/** The library, as it is imported in Node or in a page. */
type Rtm = typeof import('../../src/index.ts')

/** Whose calls they are. */
export interface User {
  readonly kit: AgoraRtmKit
  channel(id: string): AgoraRtmChannel
}

type Answer = number | { readonly errorCode: number }

/** One method that answers with a code, and what it is called with here. The user is alice; bob may be there. */
export interface Call {
  /** The enum of its answers, names by numbers too. */
  readonly codes: Readonly<Record<number, string>>
  /** What nothing speaks against, in the channel `room <n>` where it is about one. */
  good(user: User, n?: number): Promise<Answer>
  /** The name of the answer to `bad`. */
  readonly refusal?: string
  /** With arguments that are no good. */
  bad?(user: User): Promise<Answer>
  /** What it answers in the state Aborted. */
  readonly whenAborted: string
}

const room = (user: User, n = 0) => user.channel(`room ${n}`)
const mood = [{ key: 'mood', value: 'good' }]
const nothing = [{ key: '', value: '' }]

/** Every method of the API page that answers with a code, but for invitations. */
export function callsOf(rtm: Rtm): Readonly<Record<string, Call>> {
  const hello = () => rtm.AgoraRtmMessage.initWithText('hello')
  const attributes = {
    codes: rtm.AgoraRtmProcessAttributeErrorCode,
    refusal: 'InvalidArgument',
    whenAborted: 'Timeout',
  }
  const subscription = {
    codes: rtm.AgoraRtmPeerSubscriptionStatusErrorCode,
    refusal: 'InvalidArgument',
    whenAborted: 'Timeout',
  }

  return {
    'AgoraRtmKit.loginByToken': {
      codes: rtm.AgoraRtmLoginErrorCode,
      good: ({ kit }) => kit.loginByToken(null, 'alice'),
      refusal: 'InvalidArgument',
      bad: ({ kit }) => kit.loginByToken(null, 'é'),
      whenAborted: 'AlreadyLogin',
    },
    'AgoraRtmKit.logoutWithCompletion': {
      codes: rtm.AgoraRtmLogoutErrorCode,
      good: ({ kit }) => kit.logoutWithCompletion(),
      whenAborted: 'Ok',
    },
    'AgoraRtmKit.renewToken': {
      codes: rtm.AgoraRtmRenewTokenErrorCode,
      good: ({ kit }) => kit.renewToken('a token'),
      refusal: 'InvalidArgument',
      bad: ({ kit }) => kit.renewToken(''),
      whenAborted: 'Failure',
    },
    'AgoraRtmKit.sendMessage': {
      codes: rtm.AgoraRtmSendPeerMessageErrorCode,
      good: ({ kit }) => kit.sendMessage(hello(), 'bob'),
      refusal: 'InvalidUserId',
      bad: ({ kit }) => kit.sendMessage(hello(), 'é'),
      whenAborted: 'Timeout',
    },
    'AgoraRtmKit.queryPeersOnlineStatus': {
      codes: rtm.AgoraRtmQueryPeersOnlineErrorCode,
      good: ({ kit }) => kit.queryPeersOnlineStatus(['bob']),
      refusal: 'InvalidArgument',
      bad: ({ kit }) => kit.queryPeersOnlineStatus([]),
      whenAborted: 'Timeout',
    },
    'AgoraRtmKit.subscribePeersOnlineStatus': {
      ...subscription,
      good: ({ kit }) => kit.subscribePeersOnlineStatus(['bob']),
      bad: ({ kit }) => kit.subscribePeersOnlineStatus([]),
    },
    'AgoraRtmKit.unsubscribePeersOnlineStatus': {
      ...subscription,
      good: ({ kit }) => kit.unsubscribePeersOnlineStatus(['bob']),
      bad: ({ kit }) => kit.unsubscribePeersOnlineStatus([]),
    },
    'AgoraRtmKit.queryPeersBySubscriptionOption': {
      codes: rtm.AgoraRtmQueryPeersBySubscriptionOptionErrorCode,
      good: ({ kit }) => kit.queryPeersBySubscriptionOption(rtm.AgoraRtmPeerSubscriptionOptions.OnlineStatus),
      refusal: 'Failure',
      bad: ({ kit }) => kit.queryPeersBySubscriptionOption(7 as never),
      whenAborted: 'Timeout',
    },
    'AgoraRtmKit.setLocalUserAttributes': {
      ...attributes,
      good: ({ kit }) => kit.setLocalUserAttributes(mood),
      bad: ({ kit }) => kit.setLocalUserAttributes(nothing),
    },
    'AgoraRtmKit.addOrUpdateLocalUserAttributes': {
      ...attributes,
      good: ({ kit }) => kit.addOrUpdateLocalUserAttributes(mood),
      bad: ({ kit }) => kit.addOrUpdateLocalUserAttributes([]),
    },
    'AgoraRtmKit.deleteLocalUserAttributesByKeys': {
      ...attributes,
      good: ({ kit }) => kit.deleteLocalUserAttributesByKeys(['mood']),
      bad: ({ kit }) => kit.deleteLocalUserAttributesByKeys([]),
    },
    'AgoraRtmKit.clearLocalUserAttributes': {
      codes: rtm.AgoraRtmProcessAttributeErrorCode,
      good: ({ kit }) => kit.clearLocalUserAttributes(),
      whenAborted: 'Timeout',
    },
    'AgoraRtmKit.getUserAttributes': {
      ...attributes,
      good: ({ kit }) => kit.getUserAttributes('bob'),
      bad: ({ kit }) => kit.getUserAttributes('é'),
    },
    'AgoraRtmKit.getUserAttributesByKeys': {
      ...attributes,
      good: ({ kit }) => kit.getUserAttributesByKeys('bob', ['mood']),
      bad: ({ kit }) => kit.getUserAttributesByKeys('bob', []),
    },
    'AgoraRtmKit.setChannelAttributes': {
      ...attributes,
      good: ({ kit }) => kit.setChannelAttributes('room 0', mood as never),
      bad: ({ kit }) => kit.setChannelAttributes('é', mood as never),
    },
    'AgoraRtmKit.addOrUpdateChannelAttributes': {
      ...attributes,
      good: ({ kit }) => kit.addOrUpdateChannelAttributes('room 0', mood as never),
      bad: ({ kit }) => kit.addOrUpdateChannelAttributes('room 0', []),
    },
    'AgoraRtmKit.deleteChannelAttributesByKeys': {
      ...attributes,
      good: ({ kit }) => kit.deleteChannelAttributesByKeys('room 0', ['mood']),
      bad: ({ kit }) => kit.deleteChannelAttributesByKeys('room 0', []),
    },
    'AgoraRtmKit.clearChannelAttributes': {
      ...attributes,
      good: ({ kit }) => kit.clearChannelAttributes('room 0'),
      bad: ({ kit }) => kit.clearChannelAttributes('é'),
    },
    'AgoraRtmKit.getChannelAttributes': {
      ...attributes,
      good: ({ kit }) => kit.getChannelAttributes('room 0'),
      bad: ({ kit }) => kit.getChannelAttributes('é'),
    },
    'AgoraRtmKit.getChannelAttributesByKeys': {
      ...attributes,
      good: ({ kit }) => kit.getChannelAttributesByKeys('room 0', ['mood']),
      bad: ({ kit }) => kit.getChannelAttributesByKeys('room 0', []),
    },
    'AgoraRtmKit.getChannelMemberCount': {
      codes: rtm.AgoraRtmChannelMemberCountErrorCode,
      good: ({ kit }) => kit.getChannelMemberCount(['room 0']),
      refusal: 'InvalidArgument',
      bad: ({ kit }) => kit.getChannelMemberCount([]),
      whenAborted: 'Timeout',
    },
    'AgoraRtmChannel.joinWithCompletion': {
      codes: rtm.AgoraRtmJoinChannelErrorCode,
      good: (user, n) => room(user, n).joinWithCompletion(),
      whenAborted: 'Timeout',
    },
    'AgoraRtmChannel.leaveWithCompletion': {
      codes: rtm.AgoraRtmLeaveChannelErrorCode,
      good: (user) => room(user).leaveWithCompletion(),
      whenAborted: 'Failure',
    },
    'AgoraRtmChannel.sendMessage': {
      codes: rtm.AgoraRtmSendChannelMessageErrorCode,
      good: (user) => room(user).sendMessage(hello()),
      refusal: 'InvalidMessage',
      bad: (user) => room(user).sendMessage(rtm.AgoraRtmMessage.initWithText('x'.repeat(32_769))),
      whenAborted: 'Timeout',
    },
    'AgoraRtmChannel.getMembersWithCompletion': {
      codes: rtm.AgoraRtmGetMembersErrorCode,
      good: (user) => room(user).getMembersWithCompletion(),
      whenAborted: 'Timeout',
    },
  }
}

/** The name of an answer's code. */
export async function nameOf(codes: Call['codes'], answer: Promise<Answer>): Promise<string> {
  const result = await answer
  const code = typeof result === 'number' ? result : result.errorCode
  return codes[code] ?? `unknown code ${code}`
}

/** A call's answer, once there is one. */
export interface Asked {
  name: string
}

/** Calls, and goes on without waiting. */
export function ask(codes: Call['codes'], answer: Promise<Answer>): Asked {
  const asked = { name: 'pending' }
  void nameOf(codes, answer).then((name) => (asked.name = name))
  return asked
}
