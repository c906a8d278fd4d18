const codes = 'browser/codes.spec.ts'
const conversation = 'browser/conversation.spec.ts'
const everyOk = `${codes} › every method answers Ok`
const hundred = `${conversation} › 100 channel and 100 peer messages each way all arrive, once and in order`
const raw = `${conversation} › a raw message arrives with its bytes, its description and a time between sending and receiving`
const size = `${conversation} › a message may have 32 KB and not a byte more`
const often = `${conversation} › with limits on, the 181st message within 3 s is too often, whether to a peer or to a channel`
const noLogin = `${codes} › every method answers NotLoggedIn before a login, and NotInitialized once the kit is destroyed`
const noGood = `${codes} › every method that has arguments says when they are no good`
const silence = `${codes} › while no server answers, a call that needs one ends with Timeout in its time`
const replaced = `${codes} › every method answers at once when the session was ended by another login`
const tooMuch = `${codes} › what is too large, too much or not there has its code`
const events = `${codes} › each event names the kit or channel that it is about, and brings what the API page says`
const offline = 'browser/offline-messages.spec.ts'

/** @type {import('./table.mjs').Chapter} */
export default {
  title: 'Messages',
  methods: {
    'AgoraRtmMessage.static initWithText': [hundred, size],
    'AgoraRtmRawMessage.static initWithRawData': [raw, size],
    'AgoraRtmKit.sendMessage': [
      hundred,
      `${conversation} › users who share no channel reach each other, whoever is first, and nobody reaches a user who is not there`,
      `${offline} › a message to an offline user outlives its sender’s page, and is delivered once, marked, in order`,
    ],
    'AgoraRtmChannel.sendMessage': [hundred, often],
  },
  events: {
    'AgoraRtmDelegate.messageReceived': [hundred, raw, events],
    'AgoraRtmChannelDelegate.messageReceived': [hundred, events],
  },
  constants: {
    AgoraRtmMessageType: {
      Undefined: { never: 'Messages of a type that is not known are not handed over.' },
      Text: [events],
      Raw: [events, raw],
    },
    AgoraRtmSendPeerMessageErrorCode: {
      Ok: [everyOk, hundred],
      Failure: [
        `${conversation} › when 4,096 messages wait for a peer whose page has died, one more has failed`,
        'kit/overflow.test.ts › Failure › is the answer of a message to a peer for whom too much is waiting',
      ],
      Timeout: [silence],
      PeerUnreachable: [tooMuch],
      CachedByServer: [tooMuch],
      TooOften: [often],
      InvalidUserId: [noGood],
      InvalidMessage: [size],
      NotInitialized: [noLogin],
      NotLoggedIn: [noLogin],
    },
    AgoraRtmSendChannelMessageErrorCode: {
      Ok: [everyOk, hundred],
      Failure: [
        tooMuch,
        'kit/overflow.test.ts › Failure › is the answer of a channel message for which a member has no room',
      ],
      Timeout: [
        'kit/timeouts.test.ts › A call without an answer ends › AgoraRtmChannel.sendMessage: after 10000 ms, with Timeout',
        replaced,
      ],
      TooOften: [often],
      InvalidMessage: [noGood, size],
      NotInitialized: [noLogin],
      NotLoggedIn: [noLogin],
    },
  },
}
