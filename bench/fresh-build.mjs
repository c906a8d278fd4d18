import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

import { ensureBuilt, project } from '../scripts/tools.mjs'

/** What dist/ is made of. */
const SOURCES = ['src', 'signaling', 'scripts', 'vite.config.ts']
/** One of the files that are written last. */
const BUILT = 'dist/vite.d.ts'

/** Builds dist/ unless it is newer than all it is made of. */
export function ensureFreshBuild() {
  const built = join(project, BUILT)
  const builtAt = existsSync(built) ? statSync(built).mtimeMs : 0
  if (SOURCES.some((source) => lastChange(join(project, source)) > builtAt)) ensureBuilt()
}

/** @param {string} path a file or a folder @returns {number} */
function lastChange(path) {
  const { mtimeMs } = statSync(path)
  if (!statSync(path).isDirectory()) return mtimeMs
  return Math.max(mtimeMs, ...readdirSync(path).map((name) => lastChange(join(path, name))))
}
