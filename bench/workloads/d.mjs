import { sum } from '../statistics.mjs'
import { SMALL_BYTES } from './workload.mjs'

/** @import { Page } from 'playwright' */
/** @import { Crowd } from '../crowd.mjs' */
/** @import { Workload } from './workload.mjs' */

const WARM_UP_COUNT = 200
const QUICK_COUNT = 500
const FULL_COUNT = 2_000

/** @type {Workload} */
export const workload = {
  letter: 'd',
  title: 'messages of 100 bytes by one in a room of 7, until all have all',
  unit: 'ms',
  better: 'less',
  further: {
    messages: 'messages',
    perSecond: 'messages a second',
    sendsPerMessage: 'sends of all pages, per message',
    bytesPerMessage: 'bytes of all pages, per message',
    bytesPerReceiver: "publisher's bytes, per message and receiver",
    dataFramesPerMessage: 'data frames, per message',
    acknowledgementsPerMessage: 'acknowledgements, per message',
  },
  async measure({ crowd, isQuick }) {
    const pages = await crowd.linked(7)
    const [publisher, ...receivers] = pages
    if (!publisher || !(await publisher.evaluate(() => window.measures.hasMessages()))) return undefined
    await publish(crowd, publisher, receivers, WARM_UP_COUNT)

    const count = isQuick ? QUICK_COUNT : FULL_COUNT
    const [before, publisherBefore] = [await crowd.sent(), await sentBytes(publisher)]
    const value = await publish(crowd, publisher, receivers, count)
    const [after, publisherAfter] = [await crowd.sent(), await sentBytes(publisher)]

    // Not in the same pass, as keeping what is sent takes time.
    for (const page of pages) await page.evaluate(() => window.measures.keepPackets())
    await publish(crowd, publisher, receivers, count)
    const frames = await Promise.all(pages.map((page) => page.evaluate(() => window.measures.framesSent())))
    const known = frames.flatMap((found) => found ?? [])
    return {
      value,
      messages: count,
      perSecond: (count / value) * 1_000,
      sendsPerMessage: (after.sends - before.sends) / count,
      bytesPerMessage: (after.bytes - before.bytes) / count,
      bytesPerReceiver: (publisherAfter - publisherBefore) / count / receivers.length,
      ...(known.length > 0 && {
        dataFramesPerMessage: sum(known.map(({ data }) => data)) / count,
        acknowledgementsPerMessage: sum(known.map(({ acknowledgements }) => acknowledgements)) / count,
      }),
    }
  },
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
