import { type Browser, type BrowserContext, expect, type Page } from 'playwright/test'

/** A page of a packaged program, in a browser of its own, and what it has said and complained of. */
export interface OpenPage {
  readonly page: Page
  readonly said: string[]
  readonly complaints: string[]
}

/** Two people, each in a browser of their own, say something to each other; bob on another page if one is named. */
export async function expectConversation(browser: Browser, url: string, bobsUrl = url): Promise<void> {
  const alice = await openPage(browser, `${url}&me=alice`)
  const bob = await openPage(browser, `${bobsUrl}&me=bob`)
  expect([await codeOf(alice.page), await codeOf(bob.page)], alice.complaints.join('\n')).toEqual([0, 0])
  expect(await say(alice.page, 'hi bob', 'bob')).toBe(0)
  expect(await say(bob.page, 'hi alice', 'alice')).toBe(0)
  expect(await heardBy(alice.page)).toEqual(['bob: hi alice'])
  expect(await heardBy(bob.page)).toEqual(['alice: hi bob'])
  expect([...alice.complaints, ...bob.complaints]).toEqual([])
  await alice.page.context().close()
  await bob.page.context().close()
}

/** Two people use what is loaded after the login: attributes, an invitation, the log. For programs of the Web face. */
export async function expectEverything(browser: Browser, url: string): Promise<void> {
  const alice = await openPage(browser, `${url}me=alice`)
  const bob = await openPage(browser, `${url}me=bob`)
  expect([await codeOf(alice.page), await codeOf(bob.page)], alice.complaints.join('\n')).toEqual([0, 0])
  await bob.page.evaluate(async () => {
    const client = (await window.app)?.client
    client?.on('RemoteInvitationReceived', (invitation) => invitation.accept())
    await client?.addOrUpdateChannelAttributes('room', { topic: 'tea' })
  })
  const answers = await alice.page.evaluate(async () => {
    const client = (await window.app)?.client
    const invitation = client?.createLocalInvitation('bob')
    const accepted = new Promise((resolve) => {
      invitation?.once('LocalInvitationAccepted', () => resolve('accepted'))
    })
    invitation?.send()
    const { topic } = (await client?.getChannelAttributes('room')) ?? {}
    return [await accepted, topic?.value, (await client?.readLog())?.includes('A link is open')]
  })
  expect(answers).toEqual(['accepted', 'tea', true])
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
