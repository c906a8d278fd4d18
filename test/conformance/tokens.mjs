/** @type {import('./table.mjs').Chapter} */
export default {
  title: 'Tokens',
  methods: { 'AgoraRtmKit.renewToken': [] },
  events: { 'AgoraRtmDelegate.rtmKitTokenDidExpire': [] },
  constants: {
    AgoraRtmRenewTokenErrorCode: {
      Ok: [],
      Failure: [],
      InvalidArgument: [],
      Rejected: { never: 'Reserved by the API page.' },
      TooOften: [],
      TokenExpired: [],
      InvalidToken: [],
      NotInitialized: [],
      NotLoggedIn: [],
    },
  },
}
