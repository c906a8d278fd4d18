import type { Engine } from '../../src/rtm/engine.ts'
import type {
  InvitationNews,
  InvitationOutcome,
  InvitationWords,
  LocalInvitation,
  RemoteInvitation,
} from '../../src/rtm/invitations/invitation.ts'

/** An invitation as a face makes it. */
export class TestInvitation {
  readonly record: LocalInvitation = { owner: undefined, id: undefined, state: 'idle', response: null }

  constructor(
    private readonly engine: Engine,
    private readonly words: InvitationWords,
  ) {}

  get state(): LocalInvitation['state'] {
    return this.record.state
  }

  get response(): string | null {
    return this.record.response
  }

  send(engine: Engine = this.engine): InvitationOutcome | 'pending' {
    return answerOf((done) => engine.invitations.send(this.record, this.words, done))
  }

  cancel(engine: Engine = this.engine): InvitationOutcome | 'pending' {
    return answerOf((done) => engine.invitations.cancel(this.record, done))
  }
}

/** One that came. */
export class TestRemoteInvitation {
  constructor(
    private readonly engine: Engine,
    readonly record: RemoteInvitation,
  ) {}

  get state(): RemoteInvitation['state'] {
    return this.record.state
  }

  accept(response: unknown = null, engine: Engine = this.engine): InvitationOutcome | 'pending' {
    return answerOf((done) => engine.invitations.accept(this.record, response, done))
  }

  refuse(response: unknown = null, engine: Engine = this.engine): InvitationOutcome | 'pending' {
    return answerOf((done) => engine.invitations.refuse(this.record, response, done))
  }
}

export function invitationInWords(news: InvitationNews): string {
  if (news.of === 'remote') return `call of ${news.invitation.callerId}: ${news.is}`
  const { response } = news.invitation
  return `my call: ${news.is}${response === null ? '' : ` (${response})`}`
}

/** What a call answers at once, or that it does not. */
function answerOf(run: (done: (outcome: InvitationOutcome) => void) => void): InvitationOutcome | 'pending' {
  let answer: InvitationOutcome | 'pending' = 'pending'
  run((outcome) => {
    answer = outcome
  })
  return answer
}
