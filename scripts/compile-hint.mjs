/** @import { Rolldown } from 'vite' */

/**
 * At the very top of a file: its functions are compiled when it has come, on another thread, and not each on the main
 * thread when it is first called. Chromium from 136 on does so; to others it is a comment. Everything of a first login
 * runs once, so compiling is a good part of it: with the hint a fifth of the time from login to the first message goes.
 */
export const COMPILE_HINT = '//# allFunctionsCalledOnLoad'

/** Of what a login loads nearly all is called by a first link; of other files it is not. */
const EARLY = ['rtm-mesh', 'web', 'shared', 'login-file']

/** @param {Rolldown.OutputChunk} chunk */
export function isCompiledEarly({ name }) {
  return EARLY.includes(name)
}
