import type { Page } from 'playwright/test'

import { APP_ID, expect, type World } from './world.ts'

/** Alice, honest; and a page with Mallory, logged in with a session id below hers, so that he may offer, or above. */
export async function setup(world: World, side: 'below' | 'above' = 'below', appId = APP_ID) {
  const alice = await world.login('alice')
  const aliceId = (await alice.evaluate(() => window.user.kit.diagnose())).sessionId ?? ''
  const page = await world.page()
  await page.evaluate(
    async ([url, app, wanted, victim]) => {
      const { Mallory } = await window.loadMallory()
      window.mallory = await Mallory.login(url, app, wanted, victim)
    },
    [world.signaling.url, appId, side, aliceId] as const,
  )
  return { alice, aliceId, page }
}

/** A victim handles signals in order: once it has turned down a plainly bad offer, it has handled all before. */
export async function allIsHandled(page: Page, aliceId: string, epoch: number): Promise<void> {
  await page.evaluate(
    async ([to, attempt]) => {
      await window.mallory.offer(to, { epoch: attempt, credential: 'no credential' })
      await window.mallory.rejection(attempt)
    },
    [aliceId, epoch] as const,
  )
}

export async function nothingHappenedTo(alice: Page): Promise<void> {
  expect(await alice.evaluate(() => window.connectionCount)).toBe(0)
  expect(await alice.evaluate(() => window.user.events)).toEqual([
    'Connecting/Login',
    'Connected/LoginSuccess',
  ])
}

export async function setupAbove(world: World, aliceId: string) {
  const page = await world.page()
  await page.evaluate(
    async ([url, app, victim]) => {
      const { Mallory } = await window.loadMallory()
      window.mallory = await Mallory.login(url, app, 'above', victim, 'marvin')
    },
    [world.signaling.url, APP_ID, aliceId] as const,
  )
  return { page }
}
