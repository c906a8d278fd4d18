import { type Browser, type BrowserContext, expect, type Page } from 'playwright/test'

/** A page of a packaged program, in a browser of its own, and what it has said and complained of. */
export interface OpenPage {
  readonly page: Page
  readonly said: string[]
  readonly complaints: string[]
}

/** Two people, each in a browser of their own, say something to each other; bob on another page if one is named. */
export async function expectConversation(browser: Browser, url: string, bobsUrl = url): Promise<void> {
  await withTwo(browser, [`${url}&me=alice`, `${bobsUrl}&me=bob`], async (alice, bob) => {
    expect(await say(alice, 'hi bob', 'bob')).toBe(0)
    expect(await say(bob, 'hi alice', 'alice')).toBe(0)
    expect(await heardBy(alice)).toEqual(['bob: hi alice'])
    expect(await heardBy(bob)).toEqual(['alice: hi bob'])
  })
}

/**
 * Two people use what is loaded after the login: attributes, an invitation, the log. For programs of the Web face.
 * `look` is for what else is to be seen on alice's page then.
 */
export async function expectEverything(
  browser: Browser,
  url: string,
  look?: (alice: Page) => Promise<void>,
): Promise<void> {
  await withTwo(browser, [`${url}&me=alice`, `${url}&me=bob`], async (alice, bob) => {
    await bob.evaluate(async () => {
      const client = (await window.app)?.client
      client?.on('RemoteInvitationReceived', (invitation) => invitation.accept())
      await client?.addOrUpdateLocalUserAttributes({ mood: 'good' })
      await client?.addOrUpdateChannelAttributes('room', { topic: 'tea' })
    })
    const answers = await alice.evaluate(async () => {
      const client = (await window.app)?.client
      const invitation = client?.createLocalInvitation('bob')
      const accepted = new Promise((resolve) => {
        invitation?.once('LocalInvitationAccepted', () => resolve('accepted'))
      })
      invitation?.send()
      const { topic } = (await client?.getChannelAttributes('room')) ?? {}
      const { mood } = (await client?.getUserAttributes('bob')) ?? {}
      return [await accepted, topic?.value, mood, (await client?.readLog())?.includes('A link is open')]
    })
    expect(answers).toEqual(['accepted', 'tea', 'good', true])
    await look?.(alice)
  })
}

/** Both are logged in, and neither page complains of anything. */
async function withTwo(
  browser: Browser,
  [alicesUrl, bobsUrl]: readonly [alice: string, bob: string],
  act: (alice: Page, bob: Page) => Promise<void>,
): Promise<void> {
  const alice = await openPage(browser, alicesUrl)
  const bob = await openPage(browser, bobsUrl)
  expect([await codeOf(alice.page), await codeOf(bob.page)], alice.complaints.join('\n')).toEqual([0, 0])
  await act(alice.page, bob.page)
  expect([...alice.complaints, ...bob.complaints]).toEqual([])
  await alice.page.context().close()
  await bob.page.context().close()
}

export async function openPage(browser: Browser, url: string, inContext?: BrowserContext): Promise<OpenPage> {
  const context = inContext ?? (await browser.newContext())
  const page = await context.newPage()
  const said: string[] = []
  const complaints: string[] = []
  page.on('console', (message) => {
    if (message.type() === 'log') said.push(message.text())
    if (message.type() === 'warning' || message.type() === 'error') complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  await page.goto(url)
  return { page, said, complaints }
}

/** 0 where its user is logged in. */
export async function codeOf(page: Page): Promise<number | undefined> {
  return page.evaluate(async () => (await window.app)?.code)
}

async function say(page: Page, text: string, to: string): Promise<number | undefined> {
  return page.evaluate(async ([text, to]) => (await window.app)?.say(text, to), [text, to] as const)
}

async function heardBy(page: Page): Promise<readonly string[] | undefined> {
  return page.evaluate(async () => (await window.app)?.heard)
}
