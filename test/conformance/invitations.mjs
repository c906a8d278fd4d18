const browser = 'browser/invitations.spec.ts'
const answered = `${browser} › an invitation rings, is accepted with a response, and both sides know; so does one that is refused`
const takenBack = `${browser} › an invitation is taken back, and two at once between the same users go their own ways`
const offline = `${browser} › a callee who is offline gets the invitation when it logs in within 30 s; it rings on when its page is loaded anew`
const over = `${browser} › an invitation of nobody fails, and it stops to ring when the caller closes its page`
const inBrowser = 'browser/invitation-codes.spec.ts'
const steps = `${inBrowser} › to somebody who is not there an invitation is Idle, SentToRemote and Canceled, and each call has its code`
const events = `${inBrowser} › each event names the call kit and the invitation that it is about, in the state that it is in`
const expires = `${inBrowser} › an invitation expires for both 60 s after the callee has it`
const nobody = `${inBrowser} › a callee who is offline for 30 s is RemoteOffline, and one whose page has died RemoteNoResponse`
const notAnswered = `${inBrowser} › an acceptance that the caller does not confirm is an AcceptFailure`
const kit = 'kit/invitations.test.ts › A call kit ›'
const one = `${kit} is one for each kit, also before a login, and knows it`
const accepted = `${kit} tells both sides of an invitation that is accepted, with the response`
const refused = `${kit} tells both sides of an invitation that is refused, with the response`
const canceled = `${kit} tells both sides of an invitation that is canceled`
const expired = `${kit} tells both sides of an invitation that expires`
const noCallee = `${kit} tells of a callee that was offline for 30 s: it is sent until then, and failed`
const noSign = `${kit} tells of a callee that is online and gives no sign for 30 s`
const notConfirmed = `${kit} tells both sides of an acceptance that the caller cannot confirm`
const noLogin = `${kit} answers Ok, then tells of the failure, when nobody is logged in`
const codes = 'kit/invitations.test.ts › The codes of the calls ›'
const caller = `${codes} NotStarted, AlreadySent, AlreadyEnd`
const callee = `${codes} AlreadyAccept, AlreadyEnd`
const foreign = `${codes} InvalidAugment: an invitation of another kit, or of the other kind`
const tooLong = `${codes} InvalidAugment: content over 8 KB, a channel id over 64 bytes, a callee id that is none; it may be mended`
const longResponse = `${codes} InvalidAugment: a response over 8 KB`

/** @type {import('./table.mjs').Chapter} */
export default {
  title: 'Call invitations',
  methods: {
    'AgoraRtmKit.getRtmCallKit': [one, answered],
    'AgoraRtmLocalInvitation.static initWithCalleeId': [answered, tooLong],
    'AgoraRtmCallKit.sendLocalInvitation': [answered, offline, caller, foreign, tooLong],
    'AgoraRtmCallKit.cancelLocalInvitation': [takenBack, caller, foreign],
    'AgoraRtmCallKit.acceptRemoteInvitation': [answered, callee, foreign, longResponse],
    'AgoraRtmCallKit.refuseRemoteInvitation': [answered, callee, foreign, longResponse],
  },
  events: {
    'AgoraRtmCallDelegate.localInvitationReceivedByPeer': [events, answered, accepted],
    'AgoraRtmCallDelegate.localInvitationCanceled': [events, takenBack, canceled],
    'AgoraRtmCallDelegate.localInvitationAccepted': [events, answered, accepted],
    'AgoraRtmCallDelegate.localInvitationRefused': [events, answered, refused],
    'AgoraRtmCallDelegate.localInvitationFailure': [expires, nobody, over, expired, noCallee, noSign],
    'AgoraRtmCallDelegate.remoteInvitationReceived': [events, answered, accepted],
    'AgoraRtmCallDelegate.remoteInvitationCanceled': [events, takenBack, canceled],
    'AgoraRtmCallDelegate.remoteInvitationAccepted': [events, answered, accepted],
    'AgoraRtmCallDelegate.remoteInvitationRefused': [events, answered, refused],
    'AgoraRtmCallDelegate.remoteInvitationFailure': [expires, notAnswered, over, expired, notConfirmed],
  },
  constants: {
    AgoraRtmLocalInvitationState: {
      Idle: [steps, noCallee, tooLong],
      SentToRemote: [steps, noCallee],
      ReceivedByRemote: [events, accepted],
      AcceptedByRemote: [events, accepted],
      RefusedByRemote: [events, refused],
      Canceled: [events, canceled],
      Failure: [expires, expired, noCallee],
    },
    AgoraRtmRemoteInvitationState: {
      Idle: { never: 'An invitation is there for its callee from when it is received.' },
      InvitationReceived: [events, accepted],
      AcceptSentToLocal: [events, callee],
      Refused: [events, refused],
      Accepted: [events, accepted],
      Canceled: [events, canceled],
      Failure: [expires, expired, notConfirmed],
    },
    AgoraRtmInvitationApiCallErrorCode: {
      Ok: [answered, caller, callee],
      InvalidAugment: [steps, foreign, tooLong, longResponse],
      NotStarted: [steps, caller],
      AlreadyEnd: [steps, takenBack, caller, callee],
      AlreadyAccept: [events, callee],
      AlreadySent: [steps, caller],
    },
    AgoraRtmLocalInvitationErrorCode: {
      Ok: { never: 'Only failures are told with this code.' },
      RemoteOffline: [nobody, noCallee],
      RemoteNoResponse: [nobody, noSign, notConfirmed],
      Expire: [expires, expired],
      NotLoggedIn: [over, noLogin],
    },
    AgoraRtmRemoteInvitationErrorCode: {
      Ok: { never: 'Only failures are told with this code.' },
      LocalOffline: [over],
      AcceptFailure: [notAnswered, notConfirmed],
      Expire: [expires, expired],
    },
  },
}
