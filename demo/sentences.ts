/** Every result code of the calls that the demo makes, as a sentence that ends in the code's name. */
import {
  AgoraRtmConnectionChangeReason as Reason,
  AgoraRtmGetMembersErrorCode as GetMembers,
  AgoraRtmJoinChannelErrorCode as Join,
  AgoraRtmLoginErrorCode as Login,
  AgoraRtmProcessAttributeErrorCode as Attributes,
  AgoraRtmSendChannelMessageErrorCode as SendChannel,
  AgoraRtmSendPeerMessageErrorCode as SendPeer,
} from 'rtm-mesh'
import type { Delivery } from './model.ts'

const withCode = (sentence: string, name: string | undefined, code: number): string =>
  `${sentence} (${name ?? 'unknown'}, code ${code})`

export function loginSentence(code: Login): string {
  return withCode(loginSentences[code] ?? 'You could not be signed in.', Login[code], code)
}

const loginSentences: Partial<Record<Login, string>> = {
  [Login.Rejected]: 'The server refused to sign you in.',
  [Login.InvalidArgument]: 'This name cannot be used. Please choose another one.',
  [Login.InvalidAppId]: 'The server does not serve this demo: it does not know its app id.',
  [Login.InvalidToken]: 'The server asks for a token, and this demo has none.',
  [Login.TokenExpired]: 'The server asks for a fresh token, and this demo has none.',
  [Login.NotAuthorized]: 'The server does not allow this name.',
  [Login.AlreadyLogin]: 'This page is signed in already.',
  [Login.Timeout]: 'The server did not answer in time. Is it running, and are you online?',
  [Login.LoginTooOften]: 'That was too many attempts at once. Wait a second and try again.',
}

export function joinSentence(code: Join, channel: string): string {
  const sentence = joinSentences[code] ?? 'Joining did not work.'
  return withCode(`You are not in the channel “${channel}”: ${sentence}`, Join[code], code)
}

const joinSentences: Partial<Record<Join, string>> = {
  [Join.Rejected]: 'the server refused.',
  [Join.InvalidArgument]: 'its name cannot be used.',
  [Join.Timeout]: 'nobody answered in time.',
  [Join.ExceedLimit]: 'you are in too many channels.',
  [Join.AlreadyJoined]: 'this page has joined it already.',
  [Join.TooOften]: 'too many attempts at once. Wait a few seconds.',
  [Join.SameChannelTooOften]: 'you came and went too quickly. Wait five seconds.',
  [Join.NotLoggedIn]: 'you are not signed in.',
}

export const membersSentence = (code: GetMembers): string =>
  withCode('The list of people could not be read; trying again.', GetMembers[code], code)

export const topicReadSentence = (code: Attributes): string =>
  withCode('The topic could not be read; trying again.', Attributes[code], code)

export function topicWriteSentence(code: Attributes): string {
  return withCode(topicSentences[code] ?? 'The topic could not be changed.', Attributes[code], code)
}

export const topicOutSentence = 'The topic was not changed: you are not signed in.'

const topicSentences: Partial<Record<Attributes, string>> = {
  [Attributes.InvalidArgument]: 'This cannot be a topic.',
  [Attributes.SizeOverflow]: 'The topic was not changed: it is too long.',
  [Attributes.TooOften]: 'The topic was not changed: too many changes at once. Wait five seconds.',
  [Attributes.Timeout]: 'No answer within 5 seconds; the topic may still change.',
  [Attributes.NotLoggedIn]: topicOutSentence,
}

export function peerDelivery(code: SendPeer): Delivery {
  const coded = (sentence: string): string => withCode(sentence, SendPeer[code], code)
  if (code === SendPeer.Ok) return { at: 'delivered', sentence: 'Delivered' }
  if (code === SendPeer.CachedByServer) {
    return { at: 'kept', sentence: coded('Kept in this browser until you are both here.') }
  }
  if (code === SendPeer.Timeout) return { at: 'unknown', sentence: coded(noAnswer) }
  return { at: 'failed', sentence: coded(`Not delivered: ${peerSentences[code] ?? 'it did not work.'}`) }
}

const noAnswer = 'No answer within 10 seconds; it may still arrive.'

const peerSentences: Partial<Record<SendPeer, string>> = {
  [SendPeer.Failure]: 'too much is waiting for them or for others who are away.',
  [SendPeer.TooOften]: 'too many messages at once. Wait three seconds.',
  [SendPeer.InvalidUserId]: 'this is not a possible name.',
  [SendPeer.InvalidMessage]: 'it is larger than 32 KB.',
  [SendPeer.NotLoggedIn]: 'you are not signed in.',
}

/** `wasAlone`: nobody else was in the channel when it was sent, so Ok says nothing about a delivery. */
export function channelDelivery(code: SendChannel, wasAlone: boolean): Delivery {
  const coded = (sentence: string): string => withCode(sentence, SendChannel[code], code)
  if (code === SendChannel.Ok) {
    return { at: 'delivered', sentence: wasAlone ? 'Sent; nobody else was here' : 'Delivered' }
  }
  if (code === SendChannel.Timeout) return { at: 'unknown', sentence: coded(noAnswer) }
  return { at: 'failed', sentence: coded(`Not delivered: ${channelSentences[code] ?? 'it did not work.'}`) }
}

const channelSentences: Partial<Record<SendChannel, string>> = {
  [SendChannel.TooOften]: 'too many messages at once. Wait three seconds.',
  [SendChannel.InvalidMessage]: 'it is larger than 32 KB.',
  [SendChannel.NotLoggedIn]: 'you are not signed in.',
}

export function outSentence(reason: Reason, me: string): { word: string; sentence: string } {
  if (reason === Reason.RemoteLogin) {
    const sentence = `“${me}” has signed in elsewhere, in another tab or on another device, so this page was signed out.`
    return { word: 'Signed in elsewhere', sentence: withCode(sentence, Reason[reason], reason) }
  }
  if (reason === Reason.BannedByServer) {
    return { word: 'Removed', sentence: withCode('The server removed you.', Reason[reason], reason) }
  }
  return { word: 'Signed out', sentence: withCode('You were signed out.', Reason[reason], reason) }
}
