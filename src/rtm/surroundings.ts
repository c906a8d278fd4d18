import type { Environment } from './environment.ts'
import type { InvitationFile } from './invitations/invitations.ts'
import type { OnlineSession } from './online-session.ts'

/** What an engine has before anybody logs in. */
export interface Surroundings extends Pick<Environment, 'clock' | 'random' | 'log'> {
  /** All that a login is made of, a file of its own; rejects if it cannot be loaded now. */
  loadLogin(): Promise<LoginFile>
  /** What becomes of call invitations, a file of its own; rejects if it cannot be loaded now. */
  loadInvitations(): Promise<InvitationFile>
}

export interface LoginFile {
  readonly environment: Environment
  readonly OnlineSession: typeof OnlineSession
}
