import type Official from 'agora-rtm-sdk'
import type {
  LocalInvitation,
  RemoteInvitation,
  RtmChannel,
  RtmClient,
  RtmEvents,
  RtmMessage,
  RtmStatusCode,
} from 'agora-rtm-sdk'

import AgoraRTM from '../../src/web.ts'

// Nobody runs this: that it compiles is what it shows. A program in TypeScript that was written for the official
// package keeps its types, and is handed ours.

const official: typeof Official = AgoraRTM

interface State {
  client: RtmClient
  channel: RtmChannel
  call?: LocalInvitation | RemoteInvitation
  state: RtmStatusCode.ConnectionState
  messages: { from: string; message: RtmMessage }[]
}

const hear: RtmEvents.RtmClientEvents['MessageFromPeer'] = (message, peerId, { serverReceivedTs }) => {
  const text: string = message.messageType === 'TEXT' ? message.text : (message.description ?? '')
  return void [text, peerId, serverReceivedTs]
}

export async function program(): Promise<State> {
  official.setArea({ areaCodes: [official.AreaCode.GLOBAL], excludedArea: official.AreaCode.CHINA })
  const client = official.createInstance('app', {
    logFilter: official.LOG_FILTER_OFF,
    enableLogUpload: false,
  })
  const channel = client.createChannel('room')
  const state: State = { client, channel, state: official.ConnectionState.DISCONNECTED, messages: [] }

  client
    .on('ConnectionStateChanged', (now, why) => {
      state.state = now
      if (why === official.ConnectionChangeReason.REMOTE_LOGIN) client.removeAllListeners()
    })
    .on('MessageFromPeer', hear)
    .once('TokenExpired', () => void client.renewToken('token'))
    .off('MessageFromPeer', hear)
  client.on('RemoteInvitationReceived', (invitation) => {
    state.call = invitation
    invitation.on('RemoteInvitationCanceled', (content) => content.length)
    invitation.response = 'yes'
    if (invitation.state === official.RemoteInvitationState.INVITATION_RECEIVED) invitation.accept()
  })
  client.on('PeersOnlineStatusChanged', (status) => {
    const gone = Object.keys(status).filter((id) => status[id] === official.PeerOnlineState.OFFLINE)
    return gone.length
  })
  channel.on('ChannelMessage', (message, from) => state.messages.push({ from, message }))
  channel.on('AttributesUpdated', ({ topic }) => topic?.value.length)

  await client.login({ uid: 'alice', token: '' })
  await channel.join()
  await channel.sendMessage({ text: 'hello' })
  await channel.sendMessage(client.createMessage({ rawMessage: new Uint8Array(1), description: 'one byte' }))
  const { hasPeerReceived } = await client.sendMessageToPeer({ text: 'hello', messageType: 'TEXT' }, 'bob')
  const notify = { enableNotificationToChannelMembers: hasPeerReceived }
  await client.setChannelAttributes('room', { topic: 'tea' }, notify)
  const { topic } = await client.getChannelAttributes('room')
  const members: string[] = await channel.getMembers()
  const counts = await client.getChannelMemberCount(['room'])
  if (counts['room'] !== members.length || topic?.lastUpdateUserId === 'bob') await channel.leave()

  const invitation = client.createLocalInvitation('bob')
  invitation.content = 'a call'
  invitation.on('LocalInvitationFailure', (why) => why === official.LocalInvitationFailureReason.PEER_OFFLINE)
  invitation.send()
  state.call = invitation
  await client.logout()
  return state
}
