const codes = 'browser/codes.spec.ts'
const ofUser = 'browser/user-attributes.spec.ts'
const ofChannel = 'browser/channel-attributes.spec.ts'
const everyOk = `${codes} › every method answers Ok`
const userCycle = `${ofUser} › attributes are read inside memberJoined, changed, and read again`
const userMethods =
  'kit/attributes.test.ts › Attributes of the own user › are set, updated, deleted and cleared'
const noUser = `${ofUser} › attributes are void after a logout, and a user who is not there is not found`
const userLimits = `${ofUser} › limits have their codes, and what is refused changes nothing`
const channelCycle = `${ofChannel} › attributes of a channel are the same for all members, with who wrote them and when`
const channelRandom = `${ofChannel} › 400 random operations of two members, with links torn down in between, end in the same attributes`
const outside = `${ofChannel} › attributes are read and written without joining, also of a channel that nobody is in`
const notify = `${ofChannel} › attributeUpdate tells all members, the writer too, and only when it is asked for`
const channelLimits = `${ofChannel} › what is over a limit is refused with its code, and changes nothing`
const byKey = `${codes} › each method about attributes does what its name says`
const noLogin = `${codes} › every method answers NotLoggedIn before a login, and NotInitialized once the kit is destroyed`

/** @type {import('./table.mjs').Chapter} */
export default {
  title: 'Attributes of users and channels',
  methods: {
    'AgoraRtmKit.setLocalUserAttributes': [byKey, userCycle, userMethods],
    'AgoraRtmKit.addOrUpdateLocalUserAttributes': [byKey, userMethods],
    'AgoraRtmKit.deleteLocalUserAttributesByKeys': [byKey, userMethods],
    'AgoraRtmKit.clearLocalUserAttributes': [byKey, userMethods],
    'AgoraRtmKit.getUserAttributes': [byKey, userCycle, noUser],
    'AgoraRtmKit.getUserAttributesByKeys': [byKey, userCycle],
    'AgoraRtmKit.setChannelAttributes': [byKey, channelCycle],
    'AgoraRtmKit.addOrUpdateChannelAttributes': [byKey, channelCycle, outside],
    'AgoraRtmKit.deleteChannelAttributesByKeys': [byKey, channelRandom],
    'AgoraRtmKit.clearChannelAttributes': [byKey, channelRandom],
    'AgoraRtmKit.getChannelAttributes': [byKey, channelCycle, outside],
    'AgoraRtmKit.getChannelAttributesByKeys': [byKey],
  },
  events: {
    'AgoraRtmChannelDelegate.attributeUpdate': [
      notify,
      `${codes} › each event names the kit or channel that it is about, and brings what the API page says`,
    ],
  },
  constants: {
    AgoraRtmProcessAttributeErrorCode: {
      Ok: [everyOk, byKey],
      NotReady: { never: 'Deprecated by the API page; calls wait for what they need.' },
      Failure: [
        `${ofUser} › what keeps attributes is loaded after the login, and again by a call if that failed`,
        `${codes} › what the end of a session or channel overtakes has failed`,
      ],
      InvalidArgument: [`${codes} › every method that has arguments says when they are no good`, userLimits],
      SizeOverflow: [userLimits, channelLimits],
      TooOften: [`${codes} › every limit: one call more is too often`],
      UserNotFound: [noUser, `${codes} › what is too large, too much or not there has its code`],
      Timeout: [`${codes} › while no server answers, a call that needs one ends with Timeout in its time`],
      NotInitialized: [noLogin],
      NotLoggedIn: [noLogin],
    },
  },
}
