import type { Page } from 'playwright/test'

import { APP_ID, type World } from './world.ts'

/** Makes the program of a page, and logs it in if there is a name. */
export async function startProgram(world: World, page: Page, uid = ''): Promise<void> {
  await page.evaluate(
    async ([appId, url, name]) => {
      const { WebProgram } = await window.loadWebProgram()
      window.program = new WebProgram(appId, url)
      if (name !== '') await window.program.client.login({ uid: name })
    },
    [APP_ID, world.signaling.url, uid] as const,
  )
}

/** A page with a program on the Web face, logged in if there is a name. */
export async function webProgram(world: World, uid = ''): Promise<Page> {
  const page = await world.page()
  await startProgram(world, page, uid)
  return page
}

/** Into #room, with a new channel object whose events are written down. */
export function joinRoom(page: Page): Promise<void> {
  return page.evaluate(() => window.program.channel('room').join())
}

/** Resolves once so many events of a page's diary match, with all that match. */
export function heardBy(page: Page, pattern: string, count = 1): Promise<string[]> {
  return page.evaluate(([what, times]) => window.program.until(what, times), [pattern, count] as const)
}
