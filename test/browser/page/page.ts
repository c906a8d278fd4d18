import * as rtm from '../../../src/index.ts'
import { TestUser } from './test-user.ts'

declare global {
  interface Window {
    rtm: typeof rtm
    TestUser: typeof TestUser
    /** The page's first user; tests that need more make them. */
    user: TestUser
    /** RTCPeerConnections constructed in this page so far. */
    connectionCount: number
  }
}

window.rtm = rtm
window.TestUser = TestUser
