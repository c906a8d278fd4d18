/** What a page loads as a file of its own for its first login: all that a session is made of. */
export { prepareIdentity } from '../mesh/spare-identity.ts'
export { browserEnvironment } from './browser-environment.ts'
export { OnlineSession } from './online-session.ts'
