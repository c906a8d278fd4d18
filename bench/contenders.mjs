/** @import { ServerName } from './servers/start-server.mjs' */

/**
 * What is compared, in the order of the table's columns.
 *
 * @typedef {object} ContenderEntry
 * @property {string} name in tables and results
 * @property {'limit' | 'ours' | 'peer'} role the limit is what nobody is expected to beat; ratios are to it, and to the best peer
 * @property {string} page file in `pages/` that sets `window.contender`
 * @property {ServerName} server
 * @property {readonly string[]} packages whose versions are noted
 * @property {boolean} [isSameBehind] other names for what another entry has: of it the short mode looks at the size alone
 */

/** @type {readonly ContenderEntry[]} */
export const contenders = [
  { name: 'raw', role: 'limit', page: 'raw.ts', server: 'raw', packages: [] },
  { name: 'rtm-mesh', role: 'ours', page: 'kit.ts', server: 'rtm-mesh', packages: ['rtm-mesh'] },
  {
    name: 'rtm-mesh-web',
    role: 'ours',
    page: 'web.ts',
    server: 'rtm-mesh',
    packages: ['rtm-mesh'],
    isSameBehind: true,
  },
  {
    name: 'trystero',
    role: 'peer',
    page: 'trystero.ts',
    server: 'trystero',
    packages: ['@trystero-p2p/core'],
  },
  { name: 'peerjs', role: 'peer', page: 'peerjs.ts', server: 'peerjs', packages: ['peerjs', 'peer'] },
  { name: 'y-webrtc', role: 'peer', page: 'y-webrtc.ts', server: 'y-webrtc', packages: ['y-webrtc', 'yjs'] },
]
