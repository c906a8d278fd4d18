import * as rtm from '../../../src/index.ts'
import type { DocumentVandal } from './document-vandal.ts'
import type { Mallory } from './mallory.ts'
import type { Person } from './person.ts'
import { TestUser } from './test-user.ts'
import type { Traffic } from './traffic.ts'
import type { WebProgram } from './web-program.ts'

declare global {
  interface Window {
    rtm: typeof rtm
    TestUser: typeof TestUser
    /** The page's first user; tests that need more make them. */
    user: TestUser
    /** The page's user of whichever face, in tests that try both. */
    person: Person
    loadWeb: () => Promise<typeof import('./web-face.ts')>
    /** What drives the Web face, without that. */
    loadWebUser: () => Promise<typeof import('./test-web-user.ts')>
    /** The hand-made hostile peer of this page. */
    mallory: Mallory
    loadVandal: () => Promise<typeof import('./document-vandal.ts')>
    /** Mallory's replica of a document. */
    vandal: DocumentVandal
    /** The page's program that uses the Web face, once it is made. */
    program: WebProgram
    loadWebProgram: () => Promise<typeof import('./web-program.ts')>
    loadMallory: () => Promise<typeof import('./mallory.ts')>
    loadLinkKinds: () => Promise<typeof import('./link-kinds.ts')>
    /** What this page's user sends and hears, once it is loaded. */
    traffic: Traffic
    loadTraffic: () => Promise<typeof import('./traffic.ts')>
    loadLogs: () => Promise<typeof import('./logs.ts')>
    loadStorage: () => Promise<typeof import('./storage.ts')>
    loadCalls: () => Promise<typeof import('../../kit/calls.ts')>
    /** RTCPeerConnections of this page so far that another side has described itself to. */
    connectionCount: number
    /** Those of them that are not closed. */
    openConnections: () => RTCPeerConnection[]
  }
}

window.rtm = rtm
window.TestUser = TestUser
window.loadWeb = () => import('./web-face.ts')
window.loadWebUser = () => import('./test-web-user.ts')
window.loadWebProgram = () => import('./web-program.ts')
window.loadMallory = () => import('./mallory.ts')
window.loadVandal = () => import('./document-vandal.ts')
window.loadLinkKinds = () => import('./link-kinds.ts')
window.loadLogs = () => import('./logs.ts')
window.loadStorage = () => import('./storage.ts')
window.loadCalls = () => import('../../kit/calls.ts')
window.loadTraffic = () => import('./traffic.ts')
