import { systemClock } from '../base/clock.ts'
import { LazyFile } from '../base/lazy-file.ts'
import type { IceOptions } from './ice-options.ts'
import { Logbook } from './logbook.ts'
import type { Surroundings } from './surroundings.ts'

/** Where this page's signaling servers are, and how its links find their way. */
export interface NetworkOptions extends IceOptions {
  /** WebSocket URLs of one server or cluster; an empty list for none: then users of this browser's tabs meet. */
  readonly signaling?: readonly string[]
}

const loginFile = new LazyFile(
  () => import('./login-file.ts'),
  (file) => 'OnlineSession' in file,
)

const invitationFile = new LazyFile(
  () => import('./invitations/invitation-file.ts'),
  (file) => 'InvitationDesk' in file,
)

const logFile = new LazyFile(
  () => import('./log-file.ts'),
  (file) => 'makeLogKeeper' in file,
)

/** So that it is here when somebody logs in. If it does not come, the login tries again and says why. */
export function beginLogin(): void {
  loginFile.load().then(
    ({ prepareIdentity }) => prepareIdentity(systemClock),
    () => undefined,
  )
}

/** What a browser page has before anybody logs in. */
export function browserSurroundings(network: NetworkOptions): Surroundings & { readonly logbook: Logbook } {
  const [clock, random] = [systemClock, Math.random]
  const logbook = new Logbook(clock, async () => {
    const { makeLogKeeper, failureSentences } = await logFile.load()
    return { keeper: (book) => makeLogKeeper(book, clock, random), sentences: failureSentences }
  })
  const own = { clock, random, log: logbook.log }
  beginLogin()
  return {
    ...own,
    logbook,
    loadInvitations: () => invitationFile.load(),
    async loadLogin() {
      const { OnlineSession, browserEnvironment } = await loginFile.load()
      return { OnlineSession, environment: browserEnvironment(network, own) }
    },
  }
}
