const browser = 'browser/invitations.spec.ts'
const answered = `${browser} › an invitation rings, is accepted with a response, and both sides know; so does one that is refused`
const takenBack = `${browser} › an invitation is taken back, and two at once between the same users go their own ways`
const offline = `${browser} › a callee who is offline gets the invitation when it logs in within 30 s; it rings on when its page is loaded anew`
const over = `${browser} › an invitation of nobody fails, and it stops to ring when the caller closes its page`
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
    'AgoraRtmCallDelegate.localInvitationReceivedByPeer': [answered, accepted],
    'AgoraRtmCallDelegate.localInvitationCanceled': [takenBack, canceled],
    'AgoraRtmCallDelegate.localInvitationAccepted': [answered, accepted],
    'AgoraRtmCallDelegate.localInvitationRefused': [answered, refused],
    'AgoraRtmCallDelegate.localInvitationFailure': [over, expired, noCallee, noSign],
    'AgoraRtmCallDelegate.remoteInvitationReceived': [answered, accepted],
    'AgoraRtmCallDelegate.remoteInvitationCanceled': [takenBack, canceled],
    'AgoraRtmCallDelegate.remoteInvitationAccepted': [answered, accepted],
    'AgoraRtmCallDelegate.remoteInvitationRefused': [answered, refused],
    'AgoraRtmCallDelegate.remoteInvitationFailure': [over, expired, notConfirmed],
  },
  constants: {
    AgoraRtmLocalInvitationState: {
      Idle: [noCallee, tooLong],
      SentToRemote: [noCallee],
      ReceivedByRemote: [accepted],
      AcceptedByRemote: [accepted],
      RefusedByRemote: [refused],
      Canceled: [canceled],
      Failure: [expired, noCallee],
    },
    AgoraRtmRemoteInvitationState: {
      Idle: { never: 'An invitation is there for its callee from when it is received.' },
      InvitationReceived: [accepted],
      AcceptSentToLocal: [callee],
      Refused: [refused],
      Accepted: [accepted],
      Canceled: [canceled],
      Failure: [expired, notConfirmed],
    },
    AgoraRtmInvitationApiCallErrorCode: {
      Ok: [answered, caller, callee],
      InvalidAugment: [foreign, tooLong, longResponse],
      NotStarted: [caller],
      AlreadyEnd: [takenBack, caller, callee],
      AlreadyAccept: [callee],
      AlreadySent: [caller],
    },
    AgoraRtmLocalInvitationErrorCode: {
      Ok: { never: 'Only failures are told with this code.' },
      RemoteOffline: [noCallee],
      RemoteNoResponse: [noSign, notConfirmed],
      Expire: [expired],
      NotLoggedIn: [over, noLogin],
    },
    AgoraRtmRemoteInvitationErrorCode: {
      Ok: { never: 'Only failures are told with this code.' },
      LocalOffline: [over],
      AcceptFailure: [notConfirmed],
      Expire: [expired],
    },
  },
}
