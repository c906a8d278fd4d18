const codes = 'browser/codes.spec.ts'
const kit = 'browser/kit.spec.ts'
const states = 'kit/states.test.ts'
const events = `${codes} › each event names the kit or channel that it is about, and brings what the API page says`
const noLogin = `${codes} › every method answers NotLoggedIn before a login, and NotInitialized once the kit is destroyed`
const loginTimeout = `${kit} › a login with a token that no server answers times out after 12 s, and the kit stops trying`
const localLogin = `${kit} › a login without a token that no server answers succeeds after 4 s`
const logins = `${kit} › logins and their answers: arguments, frequency, state`
const refused = `${codes} › a login that the server refuses, and a ban, have their codes and reasons`
const silence = `${codes} › while no server answers, a call that needs one ends with Timeout in its time`
const replaced = `${codes} › every method answers at once when the session was ended by another login`
const order = `${kit} › a completion comes before the event that belongs to it, and neither inside the call`
const overtaken = `${codes} › what the end of a session or channel overtakes has failed`
const tokens =
  'browser/tokens.spec.ts › a login with a good token succeeds; every other has the code of what is wrong with it'
const everyOk = `${codes} › every method answers Ok`

/** @type {import('./table.mjs').Chapter} */
export default {
  title: 'Login, logout and connection states',
  methods: {
    'AgoraRtmKit.static initWithAppId': [
      logins,
      'kit/kit.test.ts › A kit › is made for an app id of 32 visible characters and for no other',
    ],
    'AgoraRtmKit.loginByToken': [everyOk, order, localLogin],
    'AgoraRtmKit.logoutWithCompletion': [
      everyOk,
      'browser/departures.spec.ts › logging out is a leave for the others at once',
      `${kit} › one kit logs out and in again as another user, with the same channel objects`,
    ],
  },
  events: {
    'AgoraRtmDelegate.connectionStateChanged': [order, events],
  },
  constants: {
    AgoraRtmConnectionState: {
      Disconnected: [loginTimeout, order],
      Connecting: [order, loginTimeout],
      Connected: [order, localLogin],
      Reconnecting: [silence],
      Aborted: [
        'browser/departures.spec.ts › a second login of a user ends the first, which stays out until it logs out',
        replaced,
      ],
    },
    AgoraRtmConnectionChangeReason: {
      Login: [events, loginTimeout],
      LoginSuccess: [localLogin],
      LoginFailure: [refused],
      LoginTimeout: [loginTimeout],
      Interrupted: [silence],
      Logout: [replaced, `${states} › While aborted › a logout leads out, and to the next login`],
      BannedByServer: [refused],
      RemoteLogin: [replaced],
    },
    AgoraRtmLoginErrorCode: {
      Ok: [everyOk, localLogin],
      Unknown: [overtaken],
      Rejected: { never: 'Reserved by the API page.' },
      InvalidArgument: [logins],
      InvalidAppId: [refused],
      InvalidToken: [tokens],
      TokenExpired: [tokens],
      NotAuthorized: [refused],
      AlreadyLogin: [logins, replaced],
      Timeout: [loginTimeout],
      LoginTooOften: [logins, `${codes} › every limit: one call more is too often`],
      LoginNotInitialized: [noLogin],
    },
    AgoraRtmLogoutErrorCode: {
      Ok: [everyOk],
      Rejected: { never: 'Reserved by the API page.' },
      NotInitialized: [noLogin],
      NotLoggedIn: [noLogin],
    },
  },
}
