import { frameOf } from './web-socket.mjs'

/** @import { Member } from './crowd.mjs' */
/** @typedef {readonly [Member, Member]} Pair */

/** How often the trickle's clock ticks: a few signals each, so that it makes no queue of its own. */
const TICK_MS = 2

/** What is on its way when a measurement ends. */
const REST_MS = 300

/** Those who sit beside each other. @param {readonly Member[]} members @param {number} count @returns {Pair[]} */
export function pairsOf(members, count) {
  const pairs = []
  for (let i = 0; i + 1 < members.length && pairs.length < count; i += 2) {
    const [a, b] = members.slice(i, i + 2)
    if (a && b) pairs.push(/** @type {Pair} */ ([a, b]))
  }
  return pairs
}

/**
 * Pairs that answer each signal with one, as fast as the server passes them on; one signal of each pair is on its way.
 *
 * @template T
 * @param {readonly Pair[]} pairs
 * @param {{ warmUpMs: number, measureMs: number }} times
 * @param {() => Promise<T>} sample taken at both ends of the measurement
 */
export async function flood(pairs, { warmUpMs, measureMs }, sample) {
  let count = 0
  let isRunning = true
  for (const [a, b] of pairs) {
    const frames = framesOf([a, b])
    a.onSignal = () => {
      count += 1
      if (isRunning) a.write(frames[0])
    }
    b.onSignal = () => {
      count += 1
      if (isRunning) b.write(frames[1])
    }
    a.write(frames[0])
  }
  await pause(warmUpMs)
  const before = { at: performance.now(), count, sample: await sample() }
  await pause(measureMs)
  const after = { at: performance.now(), count, sample: await sample() }
  isRunning = false
  await pause(REST_MS)
  return {
    count: after.count - before.count,
    seconds: (after.at - before.at) / 1_000,
    before: before.sample,
    after: after.sample,
  }
}

/**
 * Signals at a rate that no server here is busy with. Returns how long each took, in ms, shortest first: a pair's arrive
 * in the order in which they were sent, however many are on their way. Those that did not arrive at all are lost.
 *
 * @param {readonly Pair[]} pairs
 * @param {{ perSecond: number, measureMs: number }} options
 */
export async function trickle(pairs, { perSecond, measureMs }) {
  /** @type {number[]} */
  const tookMs = []
  const lines = pairs.map(([a, b]) => {
    /** @type {{ a: Member, frame: Buffer, sentAt: number[] }} */
    const line = { a, frame: framesOf([a, b])[0], sentAt: [] }
    a.onSignal = () => {}
    b.onSignal = () => {
      const sentAt = line.sentAt.shift()
      if (sentAt !== undefined) tookMs.push(performance.now() - sentAt)
    }
    return line
  })
  const began = performance.now()
  let sent = 0
  while (performance.now() - began < measureMs) {
    for (const due = ((performance.now() - began) / 1_000) * perSecond; sent < due; sent++) {
      const line = lines[sent % lines.length]
      if (!line) throw new Error('There are no pairs')
      line.sentAt.push(performance.now())
      line.a.write(line.frame)
    }
    await pause(TICK_MS)
  }
  await pause(REST_MS)
  const lost = lines.reduce((total, { sentAt }) => total + sentAt.length, 0)
  return { tookMs: tookMs.sort((a, b) => a - b), sent, lost }
}

/** @param {readonly number[]} ascending @param {number} share between 0 and 1 */
export function quantile(ascending, share) {
  return ascending[Math.min(ascending.length - 1, Math.floor(ascending.length * share))] ?? Number.NaN
}

/** @param {Pair} pair @returns {[Buffer, Buffer]} */
function framesOf([a, b]) {
  return [frameOf(a.client.signal(b.client.address)), frameOf(b.client.signal(a.client.address))]
}

/** @param {number} ms @returns {Promise<void>} */
export function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
