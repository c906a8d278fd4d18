/** @import { Profiler } from 'node:inspector' */

/**
 * What a process was busy with: functions by the time that was spent in them alone, the longest first, as shares of the
 * time in which it was not idle.
 *
 * @param {Profiler.Profile} profile
 * @param {number} count
 */
export function busiest({ nodes, samples = [], timeDeltas = [] }, count) {
  const nodeById = new Map(nodes.map((node) => [node.id, node]))
  /** @type {Map<string, number>} */
  const timeByFunction = new Map()
  let busy = 0
  samples.forEach((id, index) => {
    const frame = nodeById.get(id)?.callFrame
    if (!frame || frame.functionName === '(idle)') return
    const file = frame.url.split('/').slice(-2).join('/')
    const where = `${frame.functionName || '(anonymous)'} ${file && `${file}:${frame.lineNumber + 1}`}`.trim()
    const time = timeDeltas[index] ?? 0
    timeByFunction.set(where, (timeByFunction.get(where) ?? 0) + time)
    busy += time
  })
  return [...timeByFunction]
    .sort(([, a], [, b]) => b - a)
    .slice(0, count)
    .map(([where, time]) => ({ where, share: time / busy }))
}
