import { sum } from '../statistics.mjs'
import { SMALL_BYTES } from './workload.mjs'

/** @import { Page } from 'playwright' */
/** @import { Crowd } from '../crowd.mjs' */
/** @import { Workload } from './workload.mjs' */

const WARM_UP_COUNT = 200
const COUNT = 2_000
/** Of the pass in which what is sent is looked into. */
const LOOK_COUNT = 500

/** @type {Workload} */
export const workload = {
  letter: 'd',
  title: 'messages of 100 bytes by one in a room of 7, until all have all',
  unit: 'ms',
  better: 'less',
  quickRounds: 1,
  further: {
    messages: 'messages',
    perSecond: 'messages a second',
    sendsPerMessage: 'sends of all pages, per message',
    bytesPerMessage: 'bytes of all pages, per message',
    bytesPerReceiver: "publisher's bytes, per message and receiver",
    dataFramesPerMessage: 'data frames, per message',
    acknowledgementsPerMessage: 'acknowledgements, per message',
  },
  async measure({ crowd }) {
    const pages = await crowd.linked(7)
    const [publisher, ...receivers] = pages
    if (!publisher || !(await publisher.evaluate(() => window.measures.hasMessages()))) return undefined
    await publish(crowd, publisher, receivers, WARM_UP_COUNT)

    const [before, publisherBefore] = [await crowd.sent(), await sentBytes(publisher)]
    const value = await publish(crowd, publisher, receivers, COUNT)
    const [after, publisherAfter] = [await crowd.sent(), await sentBytes(publisher)]

    const frames = await framesPerMessage(crowd, pages)
    return {
      value,
      messages: COUNT,
      perSecond: (COUNT / value) * 1_000,
      sendsPerMessage: (after.sends - before.sends) / COUNT,
      bytesPerMessage: (after.bytes - before.bytes) / COUNT,
      bytesPerReceiver: (publisherAfter - publisherBefore) / COUNT / receivers.length,
      ...(frames && {
        dataFramesPerMessage: frames.data,
        acknowledgementsPerMessage: frames.acknowledgements,
      }),
    }
  },
}

/**
 * What is in the packets, of a library that says it. In a pass of its own, as keeping what is sent takes time.
 *
 * @param {Crowd} crowd
 * @param {readonly Page[]} pages the publisher's first
 */
async function framesPerMessage(crowd, pages) {
  const [publisher, ...receivers] = pages
  if (!publisher || !(await publisher.evaluate(() => window.contender.framesIn !== undefined)))
    return undefined
  for (const page of pages) await page.evaluate(() => window.measures.keepPackets())
  await publish(crowd, publisher, receivers, LOOK_COUNT)
  const found = await Promise.all(pages.map((page) => page.evaluate(() => window.measures.framesSent())))
  const count = (/** @type {'data' | 'acknowledgements'} */ kind) =>
    sum(found.map((frames) => frames?.[kind] ?? 0)) / LOOK_COUNT
  return { data: count('data'), acknowledgements: count('acknowledgements') }
}

/**
 * @param {Crowd} crowd
 * @param {Page} publisher
 * @param {readonly Page[]} receivers
 * @param {number} count
 * @returns {Promise<number>} milliseconds until all have all
 */
async function publish(crowd, publisher, receivers, count) {
  const order = /** @type {const} */ ([crowd.nextBatch(), count, SMALL_BYTES])
  const [batch] = order
  const [startedAt, ...thereAt] = await Promise.all([
    publisher.evaluate(
      ([number, messages, bytes]) => window.measures.publish(number, messages, bytes),
      order,
    ),
    ...receivers.map((page) => page.evaluate((number) => window.measures.untilBatch(number), batch)),
  ])
  return Math.max(...thereAt) - (startedAt ?? NaN)
}

/** @param {Page} page @returns {Promise<number>} */
function sentBytes(page) {
  return page.evaluate(() => window.outgoing.sentBytes)
}
