import type { Bytes } from '../../base/bytes.ts'
import { type Cancel, type Clock, every } from '../../base/clock.ts'
import { describeError, type Log } from '../../base/logger.ts'
import type { Peer } from '../../protocol/peer.ts'
import type { InvitationDesk } from './desk.ts'
import type {
  AnswerOutcome,
  CancelOutcome,
  InvitationNews,
  InvitationWords,
  LocalInvitation,
  RemoteInvitation,
  SendOutcome,
} from './invitation.ts'
import type { InvitationLine, InvitationWatch } from './line.ts'

/** What a page loads when it gets its call kit, or is invited for the first time. */
export interface InvitationFile {
  readonly InvitationDesk: typeof InvitationDesk
}

export interface InvitationsOptions {
  readonly clock: Clock
  readonly log: Log
  /** Rejects if it cannot be loaded now. */
  load(): Promise<InvitationFile>
  /** Undefined while nobody is logged in. */
  line(): InvitationLine | undefined
  tell(news: InvitationNews): void
}

/** How often a file that does not come is asked for again, as each time costs the browser some memory. */
const ASK_AGAIN_MS = 5_000
/** What waited this long is given up: an invitation that nobody acknowledges fails after this time (the API's). */
const GIVE_UP_MS = 30_000
/** Messages of others that wait for the file, 9 KB each at most; whose message finds no room gets no answer. */
const MAX_WAITING_MESSAGES = 64

/** What is done as soon as the file is there, or else given up. */
interface Task {
  readonly since: number
  /** Whose message it is; undefined for a call of this page. */
  readonly from: Peer | undefined
  run(desk: InvitationDesk): void
  giveUp(): void
}

/**
 * The invitations of one kit, from its making to its end, over any number of logins. What happens to them is decided
 * at the desk, whose code is a file of its own; until it is there, calls and messages wait, in order.
 */
export class Invitations implements InvitationWatch {
  private desk: InvitationDesk | undefined
  private tasks: Task[] = []
  private isLoading = false
  private stopWaiting: Cancel | undefined

  constructor(private readonly options: InvitationsOptions) {}

  /** Somebody will invite, or be invited: the file is loaded now, while the network is there. */
  async prepare(): Promise<void> {
    if (this.desk || this.isLoading) return
    this.isLoading = true
    const { load, log, clock, tell } = this.options
    try {
      const { InvitationDesk } = await load()
      this.desk = new InvitationDesk({ clock, log, owner: this, tell })
    } catch (error) {
      log('error', 'The part of the library for call invitations could not be loaded', {
        error: describeError(error),
      })
    }
    this.isLoading = false
    if (!this.desk) return
    this.stopWaiting?.()
    for (const task of this.tasks.splice(0)) task.run(this.desk)
  }

  send(invitation: LocalInvitation, words: InvitationWords, done: (outcome: SendOutcome) => void): void {
    if (!this.mayOwn(invitation)) return done('invalid-invitation')
    this.enter({
      run: (desk) => desk.send(this.options.line(), invitation, words, done),
      giveUp: () => {
        if (invitation.state !== 'idle') return done('invitation-ended')
        invitation.owner = this
        invitation.state = 'failed'
        done('ok')
        const is = this.options.line() ? 'remote-no-response' : 'not-logged-in'
        this.options.tell({ of: 'local', invitation, is })
      },
    })
  }

  cancel(invitation: LocalInvitation, done: (outcome: CancelOutcome) => void): void {
    if (!this.mayOwn(invitation)) return done('invalid-invitation')
    this.enter({
      run: (desk) => desk.cancel(invitation, done),
      giveUp: () => done(invitation.state === 'idle' ? 'invitation-not-sent' : 'invitation-ended'),
    })
  }

  accept(invitation: RemoteInvitation, response: unknown, done: (outcome: AnswerOutcome) => void): void {
    if (!this.desk || invitation.owner !== this) return done('invalid-invitation')
    this.desk.accept(invitation, response, done)
  }

  refuse(invitation: RemoteInvitation, response: unknown, done: (outcome: AnswerOutcome) => void): void {
    if (!this.desk || invitation.owner !== this) return done('invalid-invitation')
    this.desk.refuse(invitation, response, done)
  }

  receive(line: InvitationLine, from: Peer, message: Bytes): void {
    const waiting = this.tasks.filter((task) => task.from).length
    if (waiting >= MAX_WAITING_MESSAGES) return
    this.enter({ run: (desk) => desk.receive(line, from, message), giveUp: () => undefined }, from)
  }

  met(peer: Peer): void {
    this.desk?.met(peer)
  }

  ended(peer: Peer): void {
    // Nobody would say how its invitation ends.
    this.tasks = this.tasks.filter(({ from }) => from?.sessionId !== peer.sessionId)
    this.desk?.ended(peer)
  }

  resumed(): void {
    this.desk?.resumed()
  }

  /** This user will log out: callers are told that it does not answer any more. */
  sayFarewell(): void {
    this.desk?.sayFarewell()
  }

  close(): void {
    this.stopWaiting?.()
    this.stopWaiting = undefined
    for (const task of this.tasks.splice(0)) task.giveUp()
    this.desk?.close()
  }

  private mayOwn({ owner }: LocalInvitation): boolean {
    return owner === undefined || owner === this
  }

  private enter(task: Pick<Task, 'run' | 'giveUp'>, from?: Peer): void {
    if (this.desk) return task.run(this.desk)
    const { clock } = this.options
    this.tasks.push({ ...task, from, since: clock.now() })
    this.stopWaiting ??= every(clock, ASK_AGAIN_MS, () => this.askAgain())
    void this.prepare()
  }

  private askAgain(): void {
    const before = this.options.clock.now() - GIVE_UP_MS
    const late = this.tasks.filter(({ since }) => since <= before)
    this.tasks = this.tasks.filter(({ since }) => since > before)
    for (const task of late) task.giveUp()
    if (this.tasks.length > 0) return void this.prepare()
    this.stopWaiting?.()
    this.stopWaiting = undefined
  }
}
