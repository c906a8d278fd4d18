import type {
  ChannelReadOutcome,
  ChannelSendOutcome,
  ChannelWriteOutcome,
  JoinOutcome,
  LeaveOutcome,
  LoginOutcome,
  MemberCountsOutcome,
  MembersOutcome,
  PeerSendOutcome,
  PeersOnlineOutcome,
  RenewTokenOutcome,
  SubscribeOutcome,
  SubscriptionsOutcome,
  UserReadOutcome,
  UserWriteOutcome,
} from './outcomes.ts'

import type { InvitationOutcome } from './invitations/invitation.ts'

/** What a face refuses before it asks the engine. */
export type FaceRefusal =
  | 'destroyed'
  | 'login-under-way'
  | 'message-too-large'
  | 'too-many-peers'
  | 'joined-by-another'
  | 'invitation-too-large'

/** Everything but success that a call may end with. */
export type FailureReason = Exclude<
  | FaceRefusal
  | LoginOutcome
  | RenewTokenOutcome
  | PeerSendOutcome
  | ChannelSendOutcome
  | JoinOutcome
  | LeaveOutcome
  | UserWriteOutcome
  | ChannelWriteOutcome
  | SubscribeOutcome
  | InvitationOutcome
  | Extract<MembersOutcome | UserReadOutcome | ChannelReadOutcome, string>
  | Extract<MemberCountsOutcome | PeersOnlineOutcome | SubscriptionsOutcome, string>,
  'ok'
>

const ID_RULE = '1 to 64 letters, digits, spaces or !#$%&()+-:;<=.>?@[]^_{}|~, and not "null"'

/** What went wrong and what to do about it, in words: the code is the API's, the sentence is ours. */
export const failureSentences: Readonly<Record<FailureReason, string>> = {
  unknown: 'The login ended before it was decided; the log says why (readLog)',
  'no-server-named':
    'Nothing says where the signaling server is: write data-signaling="wss://example.org/rtm" on the script tag of this library, or <meta name="rtm-signaling" content="wss://example.org/rtm"> into the page, or give its address in the option signaling',
  'invalid-argument': `The user id must be ${ID_RULE}, and the token a text or null`,
  'invalid-app-id': 'The signaling server does not serve this app id; add it there with --app',
  'invalid-user-id': `The user id must be ${ID_RULE}`,
  'invalid-token': 'The token is not valid for this app and user; get one from your token server',
  'token-expired': 'The token has expired; get a new one from your token server',
  'not-authorized': 'The token does not allow to log in; get one with the login privilege',
  'invalid-proof': 'The signaling server did not accept the proof of identity; log in again',
  'remote-login':
    'The same user logged in elsewhere after this session did; log out, and in again if that was not you',
  banned: 'The operator of the signaling server has banned this user',
  kicked: 'The operator of the signaling server ended this session; log out, and in again',
  'unsupported-version':
    'Library and signaling server are of incompatible versions; update the older of the two',
  overload: 'The signaling server has no room for another session; try again later',
  'no-token': 'A token is a text that is not empty; get one from your token server',
  'not-judged':
    'No signaling server has judged the token in 10 s, or the session ended; it is shown when one answers',
  'token-replaced': 'A later call gave another token before a signaling server had judged this one',
  'already-login': 'Somebody is logged in already, or the login was aborted; log out first',
  timeout: 'No answer in time; diagnose() says how servers and peers stand',
  'too-often': 'Called too often; the documentation of the method names its limit',
  'same-channel-too-often': 'The same channel may be joined twice in 5 s; wait before joining it again',
  'not-logged-in': 'Nobody is logged in; call login first and wait for its success',
  aborted: 'The login was ended by another one of the same user or by the server; log out, then log in again',
  'peer-unreachable': 'The user is not online; the message was not sent and will not be',
  cached: 'The user is not online; the message is kept in this browser and sent when both are online',
  overflow:
    'More is waiting than 4,096 messages or 16 MB for one user, 64 MB for all, or 16 MB for offline users; wait for answers to earlier messages',
  'invalid-message':
    'A message needs a text, or raw data as a Uint8Array, of at most 32 KB (32,768 bytes, description included)',
  'not-in-channel': 'The channel is not joined; join it first and wait for its success',
  'too-many-channels': 'A user may be in 20 channels; leave one first',
  'already-joined': 'The channel is joined already, or being joined; leave it first to join it again',
  left: 'The channel was left before the join was answered; the join counts no more',
  failure:
    'The session ended before there was an answer, or a part of the library could not be loaded; the log says which (readLog)',
  'invalid-channel-id': `The channel id must be ${ID_RULE}`,
  'invalid-attributes':
    'Attributes are pairs of a key and a value: the key has 1 to 32 bytes of visible characters, the value is a text that is not empty; only set takes none at all',
  'invalid-keys': 'Keys are a list of at least one text, each of 1 to 32 bytes of visible characters',
  'size-overflow':
    'Nothing was changed: a user may have 32 attributes and 16 KB in all, a channel 32 attributes and 32 KB in all, keys included, a value 8 KB and a key 32 bytes',
  'invalid-peer-ids': `Peers are a list of at least one user id, of 256 at most for a question; each must be ${ID_RULE}`,
  'too-many-subscriptions':
    'Nobody of these was subscribed to: 512 users may be, over all calls; unsubscribe from some first',
  'unknown-option': 'The only option to ask for is the online status',
  'invalid-channel-ids': `Channels are a list of at least one channel id; each must be ${ID_RULE}`,
  'too-many-counted-channels': 'The members of 32 channels may be counted in one call',
  'invalid-invitation': `Not an invitation of this object, or its callee id is not ${ID_RULE}, or its content or response is longer than 8 KB, its channel id than 64 bytes`,
  'invitation-not-sent': 'The invitation was not sent',
  'invitation-sent': 'The invitation was sent before; make a new one for another call',
  'invitation-accepted': 'The invitation was accepted before; an event tells what comes of it',
  'invitation-ended': 'The invitation is over',
  'user-not-found': 'The user is not online, and attributes are kept by those who have them',
  destroyed: 'This object was destroyed; make a new one',
  'login-under-way': 'A login is under way; wait for its end',
  'message-too-large':
    'A message may have 32 KB (32,768 bytes of UTF-8, or of raw data and description together); send it in parts',
  'too-many-peers': 'One question may be about 256 users; ask several times',
  'joined-by-another':
    'Another object of this client has joined this channel, or is joining it; use that one, or let it leave first',
  'invitation-too-large': 'Content and response of an invitation may have 8 KB, its channel id 64 bytes',
}
