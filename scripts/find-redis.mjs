import { installWithApt, namedBy, onPath, runs } from './programs.mjs'

/** Names a redis-server or valkey-server to use; nothing else is looked for then. */
export const REDIS_VARIABLE = 'RTM_MESH_REDIS_SERVER'

/** The program file of a Redis or Valkey that is on this machine and runs. @returns {string | undefined} */
export function findRedis() {
  return namedBy(REDIS_VARIABLE) ?? onPath(['redis-server', 'valkey-server']).find(runs)
}

/** Finds a Redis or installs one. @returns {string | undefined} undefined if there is no way */
export function provideRedis() {
  const found = findRedis()
  if (found) return found
  console.log('No Redis found.')
  return installWithApt('redis-server') ? findRedis() : undefined
}

/** What a person can do. */
export const NO_REDIS =
  'There is no Redis on this machine, and the tests of a cluster need one: install redis-server or valkey-server, or set ' +
  `${REDIS_VARIABLE} to the program file of one.`
