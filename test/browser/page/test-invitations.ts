import {
  type AgoraRtmCallKit,
  type AgoraRtmKit,
  AgoraRtmLocalInvitation,
  AgoraRtmLocalInvitationErrorCode as LocalError,
  type AgoraRtmRemoteInvitation,
  AgoraRtmRemoteInvitationErrorCode as RemoteError,
} from '../../../src/index.ts'

/** A user's call invitations, driven by a test from outside of the page. What happens is noted in words. */
export class TestInvitations {
  private readonly callKit: AgoraRtmCallKit
  private readonly outgoing = new Map<string, AgoraRtmLocalInvitation>()
  private readonly incoming = new Map<string, AgoraRtmRemoteInvitation>()

  constructor(kit: AgoraRtmKit, note: (event: string) => void) {
    this.callKit = kit.getRtmCallKit()
    this.callKit.callDelegate = {
      localInvitationReceivedByPeer: (_, { content }) => note(`${content}: received by peer`),
      localInvitationCanceled: (_, { content }) => note(`${content}: canceled`),
      localInvitationAccepted: (_, { content }, response) => note(`${content}: accepted, ${response}`),
      localInvitationRefused: (_, { content }, response) => note(`${content}: refused, ${response}`),
      localInvitationFailure: (_, { content }, code) => note(`${content}: failed, ${LocalError[code]}`),
      remoteInvitationReceived: (_, invitation) => {
        const { callerId, content, channelId } = invitation
        this.incoming.set(content ?? '', invitation)
        note(`${callerId} calls: ${content}, ${channelId}`)
      },
      remoteInvitationCanceled: (_, { callerId, content }) => note(`${callerId} canceled: ${content}`),
      remoteInvitationAccepted: (_, { callerId, content }) => note(`accepted ${callerId}: ${content}`),
      remoteInvitationRefused: (_, { callerId, content }) => note(`refused ${callerId}: ${content}`),
      remoteInvitationFailure: (_, { callerId, content }, code) =>
        note(`failed with ${callerId}: ${content}, ${RemoteError[code]}`),
    }
  }

  /** Invitations are told apart by their content. */
  invite(calleeId: string, content: string): Promise<number> {
    const invitation = AgoraRtmLocalInvitation.initWithCalleeId(calleeId)
    invitation.content = content
    invitation.channelId = 'room 7'
    this.outgoing.set(content, invitation)
    return this.callKit.sendLocalInvitation(invitation)
  }

  async cancel(content: string): Promise<number> {
    const invitation = this.outgoing.get(content)
    return invitation ? this.callKit.cancelLocalInvitation(invitation) : -1
  }

  async accept(content: string, response: string): Promise<number> {
    const invitation = this.incoming.get(content)
    if (!invitation) return -1
    invitation.response = response
    return this.callKit.acceptRemoteInvitation(invitation)
  }

  async refuse(content: string, response: string): Promise<number> {
    const invitation = this.incoming.get(content)
    if (!invitation) return -1
    invitation.response = response
    return this.callKit.refuseRemoteInvitation(invitation)
  }
}
