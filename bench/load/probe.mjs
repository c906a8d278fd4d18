import { Session } from 'node:inspector/promises'

/** @typedef {'sample' | 'collect' | 'profile' | 'stop-profile'} Question */
/** @typedef {{ cpuMs: number, rssBytes: number, heapBytes: number }} Sample `heapBytes`: with what buffers hold outside of it */

// Preloaded by each server that is measured, whoever wrote it: tells of its process what is asked for, and nothing unasked.

const inspector = new Session()

process.on('message', (/** @type {Question} */ question) => void answer(question))
// Nobody will stop it any more.
process.on('disconnect', () => process.exit())
// A server that has nothing to do any more ends as it would without this.
process.channel?.unref()

/** @param {Question} question */
async function answer(question) {
  if (question === 'collect') {
    // Twice, as what the first finds may hold what the second frees.
    globalThis.gc?.()
    globalThis.gc?.()
  } else if (question === 'profile') {
    inspector.connect()
    await inspector.post('Profiler.enable')
    await inspector.post('Profiler.start')
  } else if (question === 'stop-profile') {
    const { profile } = await inspector.post('Profiler.stop')
    inspector.disconnect()
    process.send?.(profile)
    return
  }
  process.send?.(sample())
}

/** @returns {Sample} */
function sample() {
  const { user, system } = process.cpuUsage()
  const { rss, heapUsed, external } = process.memoryUsage()
  return { cpuMs: (user + system) / 1_000, rssBytes: rss, heapBytes: heapUsed + external }
}
