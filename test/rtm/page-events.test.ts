import { expect, test } from 'vitest'

import { listenToPage } from '../../src/rtm/page-events.ts'
import { setup as setupWorld } from './setup.ts'

function setup(isOnline = true) {
  const window = new EventTarget()
  const document = Object.assign(new EventTarget(), { visibilityState: 'visible' })
  const heard: string[] = []
  const stop = listenToPage(
    {
      closed: () => heard.push('closed'),
      putAway: () => heard.push('put away'),
      shownAgain: () => heard.push('shown again'),
      woke: () => heard.push('woke'),
      network: (isThere) => heard.push(isThere ? 'online' : 'offline'),
    },
    { window, document, isOnline },
  )
  const happens = (on: EventTarget, type: string, persisted?: boolean): void =>
    void on.dispatchEvent(Object.assign(new Event(type), persisted === undefined ? {} : { persisted }))
  return { window, document, heard, stop, happens }
}

test('A page that goes for good is told apart from one that is put away and may come back', () => {
  const { window, heard, happens } = setup()
  happens(window, 'pagehide', false)
  happens(window, 'pagehide', true)
  happens(window, 'pageshow', true)
  expect(heard).toEqual(['closed', 'put away', 'shown again'])
})

/** Stops the first listener that it calls, without an error, and goes on with the next. */
class StoppingWindow extends EventTarget {
  override addEventListener(type: string, listener: (event: Event) => void): void {
    super.addEventListener(type, (event) => {
      try {
        listener(event)
      } catch (error) {
        if (error !== STOPPED) throw error
      }
    })
  }
}
const STOPPED = new Error('stopped by the browser')

test('What a browser stops while the page goes is begun once more, and what came to its end is not', () => {
  const heard: string[] = []
  const stopAt = (what: string, count: number): void => {
    heard.push(what)
    if (heard.length === count) throw STOPPED
  }
  const ignore = (): void => undefined
  const window = new StoppingWindow()
  listenToPage(
    {
      closed: () => stopAt('closed', 2),
      putAway: () => stopAt('put away', 0),
      shownAgain: ignore,
      woke: ignore,
      network: ignore,
    },
    { window, document: undefined, isOnline: true },
  )
  window.dispatchEvent(Object.assign(new Event('pagehide'), { persisted: true }))
  window.dispatchEvent(new Event('pagehide'))
  expect(heard).toEqual(['put away', 'closed', 'closed'])
})

test('A page wakes when it is looked at, shown or thawed, not when it is hidden', () => {
  const { window, document, heard, happens } = setup()
  document.visibilityState = 'hidden'
  happens(document, 'visibilitychange')
  happens(document, 'freeze')
  expect(heard).toEqual([])
  happens(document, 'resume')
  document.visibilityState = 'visible'
  happens(document, 'visibilitychange')
  happens(window, 'pageshow', false)
  expect(heard).toEqual(['woke', 'woke', 'woke'])
})

test('The network comes and goes, or is not there to begin with', () => {
  const { window, heard, happens } = setup(false)
  happens(window, 'online')
  happens(window, 'offline')
  expect(heard).toEqual(['offline', 'online', 'offline'])
})

test('Nothing is heard any more once it is not wanted', () => {
  const { window, document, heard, stop, happens } = setup()
  stop()
  stop()
  happens(window, 'pagehide', false)
  happens(document, 'resume')
  happens(window, 'online')
  expect(heard).toEqual([])
})

test('In Node there is no page, and nothing to hear', () => {
  const nothing = (): void => undefined
  const events = { closed: nothing, putAway: nothing, shownAgain: nothing, woke: nothing, network: nothing }
  expect(() => listenToPage(events)()).not.toThrow()
})

test('A page that is online again is linked to everybody within 2 s, as soon as its server answers', async () => {
  const { lobby, network, realm, pass } = setupWorld()
  const [alice, bob] = await lobby('alice', 'bob')
  alice.session.setOnline(false)
  network.refusal = () => 'No network'
  network.cable(alice.peer, bob.peer).break('silent')
  alice.rendezvous.lose()
  realm.isUp = false
  await pass(25_000)
  bob.sendToChannel('did you hear?')
  realm.isUp = true
  network.refusal = () => undefined
  alice.session.setOnline(true)
  await pass(2_000)
  const joinsAndLeaves = [...alice.log, ...bob.log].filter((line) => / (joined|left)$/.test(line))
  expect(joinsAndLeaves).toEqual([])
  expect(alice.log).toContain('lobby: bob: did you hear?')
})
