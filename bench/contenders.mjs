/**
 * What is compared, in the order of the table's columns.
 *
 * @typedef {object} ContenderEntry
 * @property {string} name in tables and results
 * @property {'limit' | 'ours' | 'peer'} role the limit is what nobody is expected to beat; ratios are to it, and to the best peer
 * @property {string} page file in `pages/` that sets `window.contender`
 * @property {string} server file in `servers/`: run as a process of its own, says `{ url }` to its parent when it listens
 * @property {readonly string[]} packages whose versions are noted
 */

/** @type {readonly ContenderEntry[]} */
export const contenders = [
  { name: 'raw', role: 'limit', page: 'raw.ts', server: 'relay.mjs', packages: [] },
  { name: 'rtm-mesh', role: 'ours', page: 'kit.ts', server: 'rtm-mesh.mjs', packages: ['rtm-mesh'] },
  { name: 'rtm-mesh-web', role: 'ours', page: 'web.ts', server: 'rtm-mesh.mjs', packages: ['rtm-mesh'] },
]
