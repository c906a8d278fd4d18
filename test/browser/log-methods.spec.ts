import { APP_ID, expect, test } from './support/world.ts'
import packageFile from '../../package.json' with { type: 'json' }

test('a filter lets the lines of its levels into the log, and no others', async ({ world }) => {
  const page = await world.page()

  const levels = await page.evaluate(async (appId) => {
    const { AgoraRtmKit, AgoraRtmLogFilter: Filter } = window.rtm
    const kit = AgoraRtmKit.initWithAppId(appId)
    if (!kit) throw new Error('no kit')
    kit.setParameters('{"consoleLog":"off"}')
    const { log } = kit['internals']().logbook
    const found: Record<string, [answer: number, levels: string]> = {}
    for (const name of ['Off', 'Critical', 'Error', 'Warn', 'Info'] as const) {
      await kit.clearLog()
      const answer = kit.setLogFilters(Filter[name])
      for (const level of ['info', 'warn', 'error', 'critical'] as const) log(level, name)
      const lines = (await kit.readLog()).split('\n').filter((line) => line !== '')
      found[name] = [answer, lines.map((line) => (JSON.parse(line) as { level: string }).level).join(' ')]
    }
    return { ...found, Mask: kit.setLogFilters(Filter.Mask) }
  }, APP_ID)

  expect(levels).toEqual({
    Off: [0, ''],
    Critical: [0, 'critical'],
    Error: [0, 'error critical'],
    Warn: [0, 'warn error critical'],
    Info: [0, 'info warn error critical'],
    Mask: 1,
  })
})

test('a log is kept under the name that is set, and no larger than twice the size that is set', async ({
  world,
}) => {
  const page = await world.page()
  const fill = (appId: string) =>
    page.evaluate(async (id) => {
      const kit = window.rtm.AgoraRtmKit.initWithAppId(id)
      if (!kit) throw new Error('no kit')
      const answers = [kit.setLogFile('mine.log'), kit.setLogFileSize(512), kit.setLogFileSize(511)]
      for (let i = 0; i < 3_000; i++) {
        kit['internals']().logbook.log('info', `line ${i} ${'.'.repeat(900)}`)
        if (i % 200 === 0) await kit.readLog()
      }
      const { length } = await kit.readLog()
      kit.destroy()
      return { answers, length }
    }, appId)

  const { answers, length } = await fill(APP_ID)

  expect(answers).toEqual([0, 0, 1])
  // A file is begun when the latest is full: what stays is between one and two of them.
  expect(length).toBeGreaterThan(512 * 1024)
  expect(length).toBeLessThanOrEqual(2 * 512 * 1024)
  const names = await page.evaluate(async (appId) => {
    const kits = ['mine.log', undefined].map((name) => {
      const kit = window.rtm.AgoraRtmKit.initWithAppId(appId)
      if (name !== undefined) kit?.setLogFile(name)
      return kit
    })
    return Promise.all(kits.map(async (kit) => (await kit?.readLog())?.includes('line 2999 ')))
  }, APP_ID)
  expect(names).toEqual([true, false])
})

test('the version is that of the package, also before a kit is made', async ({ world }) => {
  const page = await world.page()
  expect(await page.evaluate(() => window.rtm.AgoraRtmKit.getSDKVersion())).toBe(packageFile.version)
})
