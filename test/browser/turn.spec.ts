import type { Page } from 'playwright/test'

import { systemClock } from '../../src/base/clock.ts'
import { createSignalingServer, type SignalingServer } from '../../signaling/index.ts'
import { TurnServer, whyNoTurnServer } from './support/turn.ts'
import { expect, logIn, test as withPages, type World } from './support/world.ts'

const SECRET = 'what the signaling server and coturn have in common'

const whyNot = whyNoTurnServer()
if (whyNot !== undefined) console.log(`Not run: links through a real TURN server, as ${whyNot}`)

/** Of the signaling server: two credentials of one second are the same. */
const turnClock = {
  aheadMs: 0,
  now: (): number => systemClock.now() + turnClock.aheadMs,
  after: systemClock.after.bind(systemClock),
}

const test = withPages.extend<{ turn: TurnServer; signaling: SignalingServer }>({
  turn: async ({}, use) => {
    const turn = await TurnServer.start(SECRET)
    await use(turn)
    await turn.close()
  },
  signaling: async ({ turn }, use) => {
    turnClock.aheadMs = 0
    const signaling = await createSignalingServer({
      port: 0,
      secret: 'the secret of the tests',
      clock: turnClock,
      turn: { urls: [turn.url], secret: SECRET },
    })
    await use(signaling)
    await signaling.close()
  },
})
test.skip(whyNot !== undefined, whyNot)

/** A user in a browser of its own, whose links may go through TURN servers only. */
async function relayed(world: World, { url }: SignalingServer, name: string): Promise<Page> {
  const page = await world.page()
  await page.evaluate((signalingUrl) => {
    window.turnUsers = []
    window.RTCPeerConnection = class extends RTCPeerConnection {
      constructor(configuration?: RTCConfiguration) {
        super(configuration)
        window.turnUsers.push(configuration?.iceServers?.at(-1)?.username ?? '')
      }
    }
    const context = { signaling: [signalingUrl], iceTransportPolicy: 'relay' } as const
    window.rtm.AgoraRtmKit.setRtmServiceContext(context)
  }, url)
  await logIn(page, name)
  return page
}

declare global {
  interface Window {
    /** The TURN user name that each connection of this page was made with. */
    turnUsers: string[]
  }
}

async function linkTo(page: Page, userId: string) {
  const { peers } = await page.evaluate(() => window.user.kit.diagnose())
  return peers.find((peer) => peer.userId === userId)
}

test('two who ask for relayed links alone talk through coturn, with credentials of their signaling server', async ({
  world,
  turn,
  signaling,
}) => {
  const alice = await relayed(world, signaling, 'alice')
  const bob = await relayed(world, signaling, 'bob')
  expect(await alice.evaluate(() => window.user.tell('bob', 'hello over coturn'))).toBe(0)
  expect(await bob.evaluate(() => window.user.tell('alice', 'and back'))).toBe(0)
  expect(await bob.evaluate(() => window.user.until('^alice: hello', 1))).toEqual([
    'alice: hello over coturn',
  ])
  for (const [page, other] of [
    [alice, 'bob'],
    [bob, 'alice'],
  ] as const)
    await expect
      .poll(() => linkTo(page, other))
      .toMatchObject({
        state: 'linked',
        path: 'direct',
        localCandidateType: 'relay',
        remoteCandidateType: 'relay',
      })
  const sessions = await Promise.all(
    [alice, bob].map((page) => page.evaluate(async () => (await window.user.kit.diagnose()).sessionId)),
  )
  expect(new Set([...turn.users].map((name) => name.replace(/^\d+:/, '')))).toEqual(new Set(sessions))
})

test('a link stays when its TURN credential is renewed, and the next link uses the new one', async ({
  world,
  signaling,
}) => {
  const alice = await relayed(world, signaling, 'alice')
  await relayed(world, signaling, 'bob')
  expect(await alice.evaluate(() => window.user.tell('bob', 'before'))).toBe(0)
  const [first] = await alice.evaluate(() => window.turnUsers)
  turnClock.aheadMs = 60_000
  const renewal = await alice.evaluate(() =>
    window.user.kit.renewToken('any, in an app without a certificate'),
  )
  expect(renewal.errorCode).toBe(0)
  await relayed(world, signaling, 'carol')
  expect(await alice.evaluate(() => window.user.tell('bob', 'after'))).toBe(0)
  expect(await alice.evaluate(() => window.user.tell('carol', 'hello'))).toBe(0)
  const users = await alice.evaluate(() => window.turnUsers)
  expect(users).toHaveLength(2)
  expect(Number.parseInt(users[1] ?? '', 10) - Number.parseInt(first ?? '', 10)).toBeGreaterThanOrEqual(60)
})

test('without a TURN server no link comes about where only relayed ones are asked for', async ({ world }) => {
  const { signaling } = world
  const alice = await relayed(world, signaling, 'alice')
  await relayed(world, signaling, 'bob')
  expect(await alice.evaluate(() => window.user.tell('bob', 'hello'))).not.toBe(0)
  expect(await linkTo(alice, 'bob')).toMatchObject({ path: 'none' })
})
