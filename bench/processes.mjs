import { readFileSync } from 'node:fs'

/** @import { Browser, Page } from 'playwright' */

// What a process of this machine needs, as Linux says it in /proc.

/** Ticks of /proc/PID/stat are of this length on all machines that Node runs on. */
const TICK_MS = 10

/** How long a page works so that its process can be told from others. */
const WORK_MS = 200

/**
 * Memory in KB: what is shared with others counts in equal parts.
 *
 * @param {number} pid
 */
export function memoryOf(pid) {
  const [, kilobytes] = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8')) ?? []
  if (kilobytes === undefined) throw new Error(`The memory of process ${pid} is not known`)
  return Number(kilobytes)
}

/**
 * Milliseconds that the process has kept a processor busy so far.
 *
 * @param {number} pid
 */
export function busyTimeOf(pid) {
  // The name before the last bracket may have anything in it.
  const [, rest = ''] = /\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
  const fields = rest.split(' ')
  const [user, system] = [Number(fields[11]), Number(fields[12])]
  if (!(user + system >= 0)) throw new Error(`The time of process ${pid} is not known`)
  return (user + system) * TICK_MS
}

/**
 * The process that runs a page: the one that gets busy when the page does.
 *
 * @param {Browser} browser
 * @param {Page} page
 */
export async function processOf(browser, page) {
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  const before = processInfo
    .filter(({ type }) => type === 'renderer')
    .map(({ id }) => ({ id, busyMs: busyTimeOf(id) }))
  await page.evaluate((ms) => {
    const until = performance.now() + ms
    while (performance.now() < until);
  }, WORK_MS)
  const worked = before.map(({ id, busyMs }) => ({ id, ms: busyTimeOf(id) - busyMs }))
  const [busiest] = worked.sort((one, other) => other.ms - one.ms)
  await session.detach()
  if (!busiest) throw new Error('The browser has no process for its page')
  return busiest.id
}
