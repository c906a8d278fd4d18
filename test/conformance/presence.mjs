const codes = 'browser/codes.spec.ts'
const presence = 'browser/presence.spec.ts'
const everyOk = `${codes} › every method answers Ok`
const told = `${presence} › a subscriber is told at once of a goodbye and of a login`
const crash = `${presence} › a page that crashes is Unreachable after 6 to 8 s, and Offline and out of its channel after 30 to 33 s; where the server dies instead, linked users keep each other Online for 40 s`
const inKit =
  'kit/presence.test.ts › The states of users › are told after the Ok of a subscription, and when they change'
const often = `${codes} › every limit: one call more is too often`
const noLogin = `${codes} › every method answers NotLoggedIn before a login, and NotInitialized once the kit is destroyed`
const noGood = `${codes} › every method that has arguments says when they are no good`
const silence = `${codes} › while no server answers, a call that needs one ends with Timeout in its time`
const tooMuch = `${codes} › what is too large, too much or not there has its code`
const overtaken = `${codes} › what the end of a session or channel overtakes has failed`
const replaced = `${codes} › every method answers at once when the session was ended by another login`
const events = `${codes} › each event names the kit or channel that it is about, and brings what the API page says`
const reserved = { never: 'Reserved by the API page.' }

/** @type {import('./table.mjs').Chapter} */
export default {
  title: 'Who is online',
  methods: {
    'AgoraRtmKit.queryPeersOnlineStatus': [told, everyOk],
    'AgoraRtmKit.subscribePeersOnlineStatus': [told, everyOk],
    'AgoraRtmKit.unsubscribePeersOnlineStatus': [
      `${presence} › who unsubscribes is told no more, and the list of subscriptions says so`,
      inKit,
    ],
    'AgoraRtmKit.queryPeersBySubscriptionOption': [
      `${presence} › who unsubscribes is told no more, and the list of subscriptions says so`,
      inKit,
    ],
  },
  events: {
    'AgoraRtmDelegate.PeersOnlineStatusChanged': [told, crash, events],
  },
  constants: {
    AgoraRtmPeerSubscriptionOptions: {
      OnlineStatus: [`${presence} › who unsubscribes is told no more, and the list of subscriptions says so`],
    },
    AgoraPeerOnlineState: { Online: [told, crash], Unreachable: [crash], Offline: [told, crash] },
    AgoraRtmQueryPeersOnlineErrorCode: {
      Ok: [everyOk],
      Failure: [overtaken],
      InvalidArgument: [noGood, tooMuch],
      Rejected: reserved,
      Timeout: [silence],
      TooOften: [often],
      NotInitialized: [noLogin],
      NotLoggedIn: [noLogin],
    },
    AgoraRtmPeerSubscriptionStatusErrorCode: {
      Ok: [everyOk],
      Failure: [overtaken],
      InvalidArgument: [noGood],
      Rejected: reserved,
      Timeout: [silence],
      TooOften: [often],
      Overflow: [tooMuch],
      NotInitialized: [noLogin],
      NotLoggedIn: [noLogin],
    },
    AgoraRtmQueryPeersBySubscriptionOptionErrorCode: {
      Ok: [everyOk],
      Failure: [noGood],
      Timeout: [replaced],
      TooOften: [often],
      NotInitialized: [noLogin],
      NotLoggedIn: [noLogin],
    },
  },
}
