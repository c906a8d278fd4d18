const codes = 'browser/codes.spec.ts'
const everyOk = `${codes} › every method answers Ok`
const order =
  'browser/kit.spec.ts › a completion comes before the event that belongs to it, and neither inside the call'
const twenty = 'browser/kit.spec.ts › one user may be in 20 channels, and join the same one twice in 5 s'
const rejoin =
  'browser/mesh.spec.ts › leaving and rejoining twenty times makes no connection and loses no event'
const events = `${codes} › each event names the kit or channel that it is about, and brings what the API page says`
const often = `${codes} › every limit: one call more is too often`
const noLogin = `${codes} › every method answers NotLoggedIn before a login, and NotInitialized once the kit is destroyed`
const noGood = `${codes} › every method that has arguments says when they are no good`
const silence = `${codes} › while no server answers, a call that needs one ends with Timeout in its time`
const tooMuch = `${codes} › what is too large, too much or not there has its code`
const overtaken = `${codes} › what the end of a session or channel overtakes has failed`
const replaced = `${codes} › every method answers at once when the session was ended by another login`
const life = `${codes} › a channel object is made, counted, destroyed and made again`
const reserved = { never: 'Reserved by the API page.' }

/** @type {import('./table.mjs').Chapter} */
export default {
  title: 'Channels',
  methods: {
    'AgoraRtmKit.createChannelWithId': [
      life,
      'kit/channel.test.ts › A channel object › is the same for the same id, with the newest delegate',
    ],
    'AgoraRtmKit.destroyChannelWithId': [
      life,
      'kit/channel.test.ts › A channel object › that was destroyed has left, and answers so; a new one of the same id is another',
    ],
    'AgoraRtmKit.getChannelMemberCount': [life, everyOk],
    'AgoraRtmChannel.joinWithCompletion': [order, twenty, rejoin],
    'AgoraRtmChannel.leaveWithCompletion': [order, rejoin],
    'AgoraRtmChannel.getMembersWithCompletion': [
      life,
      rejoin,
      'rtm/large-channels.test.ts › A channel of more than 512 members › lists 512 of them: this user, and a choice of others that differs from call to call',
    ],
  },
  events: {
    'AgoraRtmChannelDelegate.memberJoined': [events, rejoin],
    'AgoraRtmChannelDelegate.memberLeft': [
      events,
      'browser/departures.spec.ts › a page that is closed in the middle of a conversation has left within a second',
    ],
    'AgoraRtmChannelDelegate.memberCount': [events, order],
  },
  constants: {
    AgoraRtmJoinChannelErrorCode: {
      Ok: [everyOk, twenty],
      Failure: [overtaken],
      Rejected: reserved,
      InvalidArgument: {
        never: 'createChannelWithId makes no channel object for an id that is not well-formed.',
      },
      Timeout: [
        'kit/timeouts.test.ts › A call without an answer ends › AgoraRtmChannel.joinWithCompletion: after 5000 ms, with Timeout',
        replaced,
      ],
      ExceedLimit: [twenty, tooMuch],
      AlreadyJoined: [twenty, tooMuch],
      TooOften: [often],
      SameChannelTooOften: [twenty, often],
      NotInitialized: [noLogin],
      NotLoggedIn: [noLogin],
    },
    AgoraRtmLeaveChannelErrorCode: {
      Ok: [everyOk],
      Failure: [replaced],
      Rejected: reserved,
      NotInChannel: [twenty, tooMuch],
      NotInitialized: [noLogin],
      NotLoggedIn: [noLogin],
    },
    AgoraRtmGetMembersErrorCode: {
      Ok: [everyOk],
      Failure: { never: 'The members of a joined channel are known to this page: asking cannot fail.' },
      Rejected: reserved,
      Timeout: [replaced],
      TooOften: [often],
      NotInChannel: [tooMuch],
      NotInitialized: [noLogin],
      NotLoggedIn: [noLogin],
    },
    AgoraRtmChannelMemberCountErrorCode: {
      Ok: [everyOk],
      Failure: [overtaken],
      InvalidArgument: [noGood],
      TooOften: [often],
      Timeout: [silence],
      ExceedLimit: [tooMuch],
      NotInitialized: [noLogin],
      NotLoggedIn: [noLogin],
    },
  },
}
