const codes = 'browser/codes.spec.ts'
const everyOk = `${codes} › every method answers Ok`
const often = `${codes} › every limit: one call more is too often`
const noLogin = `${codes} › every method answers NotLoggedIn before a login, and NotInitialized once the kit is destroyed`
const ends =
  'browser/tokens.spec.ts › the end of a 007 token is announced and ends the session, unless it is renewed; others are not concerned'

/** @type {import('./table.mjs').Chapter} */
export default {
  title: 'Tokens',
  methods: { 'AgoraRtmKit.renewToken': [ends, everyOk] },
  events: { 'AgoraRtmDelegate.rtmKitTokenDidExpire': [ends] },
  constants: {
    AgoraRtmRenewTokenErrorCode: {
      Ok: [ends, everyOk],
      Failure: [ends],
      InvalidArgument: [ends],
      Rejected: { never: 'Reserved by the API page.' },
      TooOften: [often],
      TokenExpired: [ends],
      InvalidToken: [ends],
      NotInitialized: [noLogin],
      NotLoggedIn: [noLogin],
    },
  },
}
