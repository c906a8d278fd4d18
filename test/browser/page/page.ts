import * as rtm from '../../../src/index.ts'
import type { Mallory } from './mallory.ts'
import { TestUser } from './test-user.ts'

declare global {
  interface Window {
    rtm: typeof rtm
    TestUser: typeof TestUser
    /** The page's first user; tests that need more make them. */
    user: TestUser
    /** The hand-made hostile peer of this page. */
    mallory: Mallory
    loadMallory: () => Promise<typeof import('./mallory.ts')>
    loadStorage: () => Promise<typeof import('./storage.ts')>
    /** RTCPeerConnections constructed in this page so far. */
    connectionCount: number
    /** Those of them that are not closed. */
    openConnections: () => RTCPeerConnection[]
  }
}

window.rtm = rtm
window.TestUser = TestUser
window.loadMallory = () => import('./mallory.ts')
window.loadStorage = () => import('./storage.ts')
