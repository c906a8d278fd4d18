import { readFile } from 'node:fs/promises'
import { networkInterfaces } from 'node:os'

import { expect } from 'playwright/test'

import { attach, drawn, log, person, portOf, say, serveDemo, test, topic } from './support/demo.ts'
import { expectReadable } from './support/readable.ts'
import { crash } from './support/world.ts'

test('two people talk, alone and with a picture, and one leaves', async ({ demo }) => {
  const ada = await demo.enter('Ada')
  await expect(log(ada).getByRole('heading')).toHaveText('You are alone here')
  const bob = await demo.enter('Bob')
  await expect(log(ada)).toContainText('Bob joined.')
  await expect(person(ada, 'Bob')).toContainText('linked directly')
  await expect(person(bob, 'Ada')).toContainText('linked directly')

  await say(ada, 'Good morning')
  await expect(log(bob)).toContainText('Good morning')
  await expect(log(ada)).toContainText('Delivered')
  await say(bob, 'Hello Ada')
  await expect(log(ada)).toContainText('Hello Ada')

  await person(bob, 'Ada').click()
  await say(bob, 'only for you')
  await expect(log(bob)).toContainText('Delivered')
  await expect(person(ada, 'Bob')).toContainText('1 unread')
  await expect(ada).toHaveTitle(/^\(1\)/)
  await expect(log(ada)).not.toContainText('only for you')
  await person(ada, 'Bob').click()
  await expect(log(ada)).toContainText('only for you')
  await expect(person(ada, 'Bob')).not.toContainText('1 unread')

  await attach(ada, 'two cats.png', 'image/png', await drawn(ada, 'image/png', 60, 40))
  await ada.getByRole('button', { name: 'Send', exact: true }).click()
  const picture = log(bob).getByRole('img', { name: 'Picture: two cats.png' })
  await expect(picture).toBeVisible()
  expect(
    await picture.evaluate((image: HTMLImageElement) => [image.naturalWidth, image.naturalHeight]),
  ).toEqual([60, 40])

  await bob.getByRole('button', { name: 'Leave the chat' }).click()
  await expect(log(ada)).toContainText('Bob left.')
  await say(ada, 'are you there?')
  await expect(log(ada)).toContainText(
    'Kept in this browser until you are both here. (CachedByServer, code 4)',
    {
      timeout: 15_000,
    },
  )
})

test('a private message to somebody who has left waits, and arrives once, marked, when they are back', async ({
  demo,
}) => {
  const ada = await demo.enter('Ada')
  const bob = await demo.enter('Bob')
  await expect(person(ada, 'Bob')).toContainText('linked directly')
  await bob.getByRole('button', { name: 'Leave the chat' }).click()
  await expect(person(ada, 'Bob')).toContainText('not in the channel')
  await person(ada, 'Bob').click()
  await expect(log(ada)).toContainText('what you write is kept in this browser until you are both here')
  await say(ada, 'see you tomorrow')
  await expect(log(ada)).toContainText(
    'Kept in this browser until you are both here. (CachedByServer, code 4)',
    { timeout: 15_000 },
  )
  await expect(log(ada).getByRole('button', { name: 'Send again' })).toBeHidden()

  await bob.getByRole('button', { name: 'Join' }).click()
  await expect(person(bob, 'Ada')).toContainText('1 unread', { timeout: 15_000 })
  await expect(bob.locator('#announcer')).toContainText(
    'Ada privately, while you were away: see you tomorrow',
  )
  await person(bob, 'Ada').click()
  await expect(log(bob).getByText('see you tomorrow')).toHaveCount(1)
  await expect(log(bob)).toContainText('Sent while you were away')
  await say(ada, 'and now directly')
  await expect(log(bob)).toContainText('and now directly')
  await expect(log(bob).getByText('Sent while you were away')).toHaveCount(1)

  // Ada's messages come in her order: what she kept, if she sent it again, would be here first.
  await bob.reload()
  await expect(person(ada, 'Bob')).toContainText('linked directly')
  await say(ada, 'welcome back')
  await person(bob, 'Ada').click()
  await expect(log(bob)).toContainText('welcome back')
  await expect(log(bob)).not.toContainText('see you tomorrow')
})

test('a channel has a topic that everybody can change, and that whoever comes later finds', async ({
  demo,
}) => {
  const ada = await demo.enter('Ada')
  const bob = await demo.enter('Bob')
  await expect(person(ada, 'Bob')).toContainText('linked directly')
  await topic(ada).press('Enter')
  const field = ada.getByRole('textbox', { name: 'Topic of the channel' })
  await expect(field).toBeFocused()
  await ada.keyboard.type('never mind')
  await ada.keyboard.press('Escape')
  await expect(topic(ada)).toBeFocused()
  await expect(topic(ada)).toContainText('Add a topic')
  await ada.keyboard.press('Enter')
  await field.fill('long '.repeat(60))
  await ada.keyboard.press('Enter')
  await expect(ada.getByRole('alert')).toHaveText('A topic has at most 200 characters; this one has 299.')
  await field.fill('  tea and <b>cake</b> ')
  await ada.keyboard.press('Enter')
  await expect(topic(ada)).toContainText('tea and <b>cake</b> set by you')
  await expect(topic(ada)).toBeFocused()
  await expect(log(ada)).toContainText('You changed the topic to “tea and <b>cake</b>”.')
  await expect(topic(bob)).toContainText('tea and <b>cake</b> set by Ada')
  await expect(log(bob)).toContainText('Ada changed the topic to “tea and <b>cake</b>”.')
  await expect(bob.locator('#announcer')).toContainText('Ada changed the topic')

  await topic(bob).click()
  await bob.getByRole('textbox', { name: 'Topic of the channel' }).fill('coffee')
  await bob.getByRole('button', { name: 'Save' }).click()
  await expect(topic(ada)).toContainText('coffee set by Bob')
  await expect(log(ada)).toContainText('Bob changed the topic to “coffee”.')
  const carol = await demo.enter('Carol')
  await expect(topic(carol)).toContainText('coffee set by Bob')
  await expect(log(carol)).not.toContainText('changed the topic')

  await bob.getByRole('button', { name: 'Leave the chat' }).click()
  await expect(log(carol)).toContainText('Bob left.')
  await ada.reload()
  await expect(topic(ada)).toContainText('coffee set by Bob')
  await topic(carol).click()
  await carol.getByRole('textbox', { name: 'Topic of the channel' }).fill('')
  await carol.keyboard.press('Enter')
  await expect(log(carol)).toContainText('You removed the topic.')
  await expect(topic(ada)).toContainText('Add a topic')
  await expect(log(ada)).toContainText('The topic was removed.')
})

test('the last one in a channel finds its topic again after a reload', async ({ demo }) => {
  const ada = await demo.enter('Ada')
  await topic(ada).click()
  await ada.getByRole('textbox', { name: 'Topic of the channel' }).fill('on my own')
  await ada.keyboard.press('Enter')
  await expect(topic(ada)).toContainText('on my own set by you')
  await ada.reload()
  await expect(topic(ada)).toContainText('on my own set by you')
})

test('tabs of one browser talk without a server, and the page says that it is so', async ({ demo }) => {
  const ada = await demo.arrive()
  const bob = await ada.context().newPage()
  await ada.context().routeWebSocket(/./, (socket) => socket.close())
  await bob.goto(ada.url())
  await ada.reload()
  for (const [page, name] of [
    [ada, 'Ada'],
    [bob, 'Bob'],
  ] as const) {
    await page.getByLabel('Your name').fill(name)
    await page.getByRole('button', { name: 'Join' }).click()
    await expect(page.getByText('Without a server', { exact: true })).toBeVisible({ timeout: 15_000 })
    await expect(page.getByRole('alert').filter({ hasText: 'server' })).toHaveText(
      'The server cannot be reached; trying again. Until then you meet only those in other tabs of this browser.',
    )
  }
  await expect(person(ada, 'Bob')).toContainText(/linked (directly|within this browser)/)
  await expect(ada.getByText('2 people, in this browser')).toBeVisible()
  await expect(ada.locator('#mesh-server')).toContainText('Other tabs of this browser: connected.')
  await say(ada, 'just us')
  await expect(log(bob)).toContainText('just us')
})

test('everything can be done with the keyboard alone', async ({ demo }) => {
  const bob = await demo.enter('Bob')
  const ada = await demo.arrive()
  const focused = (): Promise<string> =>
    ada.evaluate(() => document.activeElement?.getAttribute('aria-label') ?? document.activeElement?.id ?? '')
  const goTo = async (id: string): Promise<void> => {
    for (let steps = 0; (await focused()) !== id; steps += 1) {
      expect(steps, `Tab never reached ${id}`).toBeLessThan(25)
      await ada.keyboard.press('Tab')
      const hasRing = await ada.evaluate(() => {
        const element = document.activeElement
        if (!element || element === document.body) return true
        return getComputedStyle(element).outlineStyle !== 'none' || element instanceof SVGElement
      })
      expect(hasRing, `${await focused()} shows that it has the focus`).toBe(true)
    }
  }

  await goTo('door-name')
  await ada.keyboard.press('ControlOrMeta+A')
  await ada.keyboard.type('Ada')
  await ada.keyboard.press('Enter')
  await expect(ada.getByRole('textbox', { name: /^Message everybody/ })).toBeFocused()
  await ada.keyboard.type('no mouse here')
  await ada.keyboard.press('Shift+Enter')
  await ada.keyboard.type('second line')
  await ada.keyboard.press('Enter')
  await expect(log(bob)).toContainText('no mouse here\nsecond line', { useInnerText: true })

  // In the drawing one Tab stop; Enter there opens the private conversation, Escape closes it.
  await expect(person(ada, 'Bob')).toContainText('linked directly')
  await ada.keyboard.press('Tab')
  for (let steps = 0; !(await focused()).startsWith('Bob: linked directly'); steps += 1) {
    expect(steps).toBeLessThan(25)
    await ada.keyboard.press('Tab')
  }
  await expect(ada.locator('#mesh-detail')).toContainText('Bob: linked directly')
  await ada.keyboard.press('ArrowRight')
  expect(await focused()).toBe('Ada: this is you')
  await ada.keyboard.press('ArrowLeft')
  await ada.keyboard.press('Enter')
  await expect(ada.getByRole('textbox', { name: 'Message Bob privately' })).toBeFocused()
  await ada.keyboard.type('a draft for Bob')
  await ada.keyboard.press('Escape')
  await expect(ada.getByRole('textbox', { name: /^Message everybody/ })).toBeFocused()
  await expect(ada.getByRole('textbox')).toHaveValue('')
  await goTo('Leave the chat')
  await ada.keyboard.press('Enter')
  await expect(ada.getByLabel('Your name')).toBeFocused()
})

test('a phone of 360 pixels shows everything without sideways scrolling', async ({ demo }) => {
  const bob = await demo.enter('Bob with quite a long name and-no-place-to-break-in-it-anywhere')
  const ada = await demo.arrive({ width: 360, height: 740, hasTouch: true })
  const fits = async (what: string): Promise<void> => {
    const [wide, high] = await ada.evaluate(() => [
      document.documentElement.scrollWidth,
      document.documentElement.clientWidth,
    ])
    expect(wide, what).toBe(high)
    const cut = await ada.evaluate(() =>
      [...document.querySelectorAll('button, input, textarea, a')]
        .map((element) => ({ element, box: element.getBoundingClientRect() }))
        .filter(({ box }) => box.width > 1 && (box.left < 0 || box.right > innerWidth + 0.5))
        .map(({ element }) => element.outerHTML),
    )
    expect(cut, what).toEqual([])
  }
  await fits('the door')
  await ada.getByLabel('Your name').fill('Ada')
  await ada.getByRole('button', { name: 'Join' }).click()
  await expect(ada.getByText('Connected', { exact: true })).toBeVisible()
  await say(bob, `${'x'.repeat(500)} https://example.org/${'y'.repeat(300)}`)
  await attach(bob, `${'long'.repeat(20)}.bin`, 'application/octet-stream', Buffer.from([1, 2, 3]))
  await bob.getByRole('button', { name: 'Send', exact: true }).click()
  await expect(log(ada)).toContainText('save it only if you trust them')
  await fits('the conversation')
  await topic(ada).tap()
  await fits('a topic that is being written')
  await ada.getByRole('textbox', { name: 'Topic of the channel' }).fill('unbroken'.repeat(25))
  await ada.keyboard.press('Enter')
  await expect(topic(ada)).toContainText('set by you')
  await fits('a topic')
  await ada.getByRole('button', { name: 'People' }).click()
  await expect(person(ada, 'Bob with')).toBeVisible()
  await fits('the people')
  await ada.getByRole('button', { name: 'Mesh' }).click()
  await expect(ada.locator('#mesh')).toBeVisible()
  await fits('the mesh')
  await ada.locator('#mesh .node:not(.me)').tap()
  await ada.getByRole('button', { name: 'Write privately to Bob' }).tap()
  await expect(ada.getByRole('textbox', { name: /^Message Bob .* privately$/ })).toBeVisible()
  await fits('a private conversation')
})

for (const colorScheme of ['light', 'dark'] as const) {
  test(`all text can be read in ${colorScheme} mode`, async ({ demo }) => {
    const bob = await demo.enter('Bob', { colorScheme })
    const ada = await demo.arrive({ colorScheme })
    await expectReadable(ada, 'the door')
    await ada.getByLabel('Your name').fill("O'Hara")
    await ada.getByRole('button', { name: 'Join' }).click()
    await expect(ada.getByText('cannot contain')).toBeVisible()
    await expectReadable(ada, 'a name that cannot be')
    await ada.getByLabel('Your name').fill('Ada')
    await ada.getByRole('button', { name: 'Join' }).click()
    await expect(person(ada, 'Bob')).toContainText('linked directly')
    await say(bob, 'first https://example.org')
    await say(ada, 'second')
    await expect(log(ada)).toContainText('Delivered')
    await attach(ada, 'film.mp4', 'video/mp4', Buffer.alloc(100_000))
    await expect(ada.getByText('“film.mp4” has 97.7 KB; a message holds at most 32 KB.')).toBeVisible()
    await expectReadable(ada, 'the conversation')
    await expect(topic(ada)).toContainText('Add a topic')
    await topic(ada).click()
    await ada.getByRole('textbox', { name: 'Topic of the channel' }).fill('x'.repeat(201))
    await ada.keyboard.press('Enter')
    await expect(ada.getByText('A topic has at most 200 characters')).toBeVisible()
    await expectReadable(ada, 'a topic that cannot be')
    await ada.getByRole('textbox', { name: 'Topic of the channel' }).fill('tea')
    await ada.keyboard.press('Enter')
    await expect(topic(ada)).toContainText('set by you')
    await bob.getByRole('button', { name: 'Leave the chat' }).click()
    await person(ada, 'Bob').click()
    await say(ada, 'for later')
    await expect(log(ada)).toContainText('Kept in this browser', { timeout: 15_000 })
    await expectReadable(ada, 'a kept message')
    await ada.getByRole('button', { name: 'Back to the channel' }).click()
    await expectReadable(ada, 'a topic')
    await demo.enter('Ada', { colorScheme })
    await expect(ada.getByText('Signed in elsewhere', { exact: true })).toBeVisible()
    await expectReadable(ada, 'signed out')
  })
}

test('somebody who signs in elsewhere is told, and can come back', async ({ demo }) => {
  const first = await demo.enter('Ada')
  await say(first, 'I was here')
  await expect(log(first)).toContainText('Sent; nobody else was here')
  const second = await demo.enter('Ada')
  await expect(first.getByRole('alert').filter({ hasText: 'Ada' })).toContainText('(RemoteLogin, code 8)')
  await expect(first.getByRole('textbox', { name: 'You are not signed in' })).toBeDisabled()
  await expect(log(first)).toContainText('I was here')
  await first.getByRole('button', { name: 'Sign in again' }).click()
  await expect(first.getByText('Connected', { exact: true })).toBeVisible()
  await expect(second.getByText('Signed in elsewhere', { exact: true })).toBeVisible()
  await second.getByRole('button', { name: 'Use another name' }).click()
  await expect(second.getByLabel('Your name')).toBeFocused()
})

test('a reload comes back to the channel under the same name', async ({ demo }) => {
  const ada = await demo.enter('Ada')
  const bob = await demo.enter('Bob')
  await ada.reload()
  await expect(ada.getByText('Connected', { exact: true })).toBeVisible()
  await expect(person(ada, 'Bob')).toContainText('linked directly')
  await say(bob, 'welcome back')
  await expect(log(ada)).toContainText('welcome back')
})

test('a large picture is made smaller, a large file is refused', async ({ demo }) => {
  const ada = await demo.enter('Ada')
  const bob = await demo.enter('Bob')
  const photo = await drawn(ada, 'image/jpeg', 2400, 1600)
  expect(photo.length).toBeGreaterThan(100_000)
  await attach(ada, 'photo.jpg', 'image/jpeg', photo)
  await expect(ada.locator('.staged')).toContainText('made smaller')
  await ada.getByRole('textbox').press('Enter')
  await expect(log(bob).getByRole('img', { name: /^Picture: photo/ })).toBeVisible()
  await expect(log(ada)).toContainText('Delivered')

  await attach(ada, 'film.mp4', 'video/mp4', Buffer.alloc(200_000))
  await expect(ada.getByRole('alert')).toHaveText('“film.mp4” has 195.3 KB; a message holds at most 32 KB.')
  await ada.getByRole('textbox').press('Escape')
  await expect(ada.getByRole('alert')).toBeHidden()
})

test('what others send stays text, and is a picture only if it is one', async ({ demo }) => {
  const ada = await demo.enter('Ada')
  const bob = await demo.enter('<b>Bob</b>'.replace('/', '-'))
  await expect(log(ada)).toContainText('<b>Bob<-b> joined.')
  await say(bob, '<img src=x onerror="document.title=1"> javascript:alert(1)')
  await expect(log(ada)).toContainText('<img src=x onerror="document.title=1"> javascript:alert(1)')
  await attach(bob, 'nice.png', 'image/png', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'))
  await bob.getByRole('textbox').press('Enter')
  const download = ada.waitForEvent('download')
  await log(ada).getByRole('link', { name: 'nice.png' }).click()
  expect((await download).suggestedFilename()).toBe('nice.png')
  await expect(log(ada).getByRole('img')).toHaveCount(0)
})

test('people who are linked go on talking while the server is away, and the page says so', async ({
  demo,
  server,
}, { workerIndex }) => {
  const ada = await demo.enter('Ada')
  const bob = await demo.enter('Bob')
  await expect(person(ada, 'Bob')).toContainText('linked directly')
  const port = portOf(server.now)
  await server.now.close()
  await expect(ada.getByText('Reconnecting…')).toBeVisible({ timeout: 15_000 })
  await expect(ada.locator('#mesh-server')).toContainText(
    /: not connected, trying again.* Neighbours: 1 user\.$/,
  )
  await say(ada, 'still there?')
  await expect(log(bob)).toContainText('still there?')
  server.now = await serveDemo(workerIndex, port)
  await expect(ada.getByText('Connected', { exact: true })).toBeVisible({ timeout: 30_000 })
})

test('a page on plain http, without secure context, talks to one on localhost', async ({ demo }) => {
  const address = Object.values(networkInterfaces())
    .flat()
    .find((one) => one?.family === 'IPv4' && !one.internal)?.address
  if (address === undefined)
    throw new Error('This machine has no address but localhost; WebRTC finds no path there either')
  const ada = await demo.enter('Ada')
  const bob = await demo.enter('Bob', { host: address })
  expect(await bob.evaluate(() => isSecureContext)).toBe(false)
  await say(bob, 'over the air')
  await expect(log(ada)).toContainText('over the air')
  await bob.getByRole('button', { name: 'Copy invite link' }).click()
  await expect(bob.getByText(/^Invite link copied|The link is http/)).toBeVisible()
})

test('somebody whose page has crashed is shown as unreachable', async ({ demo }) => {
  const ada = await demo.enter('Ada')
  const bob = await demo.enter('Bob')
  await expect(person(ada, 'Bob')).toContainText('linked')
  await crash(bob)
  await expect(person(ada, 'Bob')).toContainText('unreachable just now', { timeout: 10_000 })
})

test('the log can be saved as a file, in the chat and at its door, and has nothing of what was written', async ({
  demo,
}) => {
  const ada = await demo.enter('Ada')
  const bob = await demo.enter('Bob')
  await expect(person(ada, 'Bob')).toContainText('linked directly')
  await say(ada, 'a word between us')
  await expect(log(bob)).toContainText('a word between us')

  const saved = async () => {
    const [download] = await Promise.all([
      ada.waitForEvent('download'),
      ada.getByRole('button', { name: 'Download the log' }).click(),
    ])
    expect(download.suggestedFilename()).toMatch(/^rtm-mesh-log-[\d-]+T\d{6}\.txt$/)
    return readFile(await download.path(), 'utf8')
  }
  const inside = await saved()
  const lines: unknown[] = inside
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(lines).toContainEqual(expect.objectContaining({ level: 'info', user: 'Ada' }))
  expect(inside).not.toContain('a word between us')

  await ada.getByRole('button', { name: 'Leave the chat' }).click()
  await ada.locator('#door').getByText('What is this?').click()
  expect((await saved()).length).toBeGreaterThan(inside.length)
})
