import type AgoraRTM from '../../../src/web.ts'
import { APP_ID, SCRIPT_TAG_PATH, type Tab } from './world.ts'

/** The ways to the same engine: the kit, the API of `agora-rtm-sdk` as a module, and the same by a script tag. */
export type Face = 'kit' | 'web' | 'tag'

/** Makes `page.person` and logs it in, without rate limits. */
export async function logInBy(face: Face, page: Tab, name: string, signalingUrl: string): Promise<void> {
  if (face === 'tag') await addScriptTag(page)
  const code = await page.evaluate(
    async ([by, appId, userId, url]) => {
      if (by === 'kit') {
        window.user = new window.TestUser(appId, { rateLimits: false })
        window.person = window.user
      } else if (by === 'web') {
        const { AgoraRTM, TestWebUser } = await window.loadWeb()
        window.person = new TestWebUser(AgoraRTM, appId, [url])
      } else {
        const { TestWebUser } = await window.loadWebUser()
        const tagged = Reflect.get(window, 'AgoraRTM') as typeof AgoraRTM
        window.person = new TestWebUser(tagged, appId, [url])
      }
      return window.person.login(userId)
    },
    [face, APP_ID, name, signalingUrl] as const,
  )
  if (code !== 0) throw new Error(`${name} could not log in by ${face}: ${code}`)
}

/** The global is there when this is done. */
async function addScriptTag(page: Tab): Promise<void> {
  await page.evaluate(async (src) => {
    const element = document.createElement('script')
    const loaded = new Promise((resolve, reject) =>
      Object.assign(element, { onload: resolve, onerror: reject }),
    )
    element.src = src
    document.head.append(element)
    await loaded
  }, `${SCRIPT_TAG_PATH}agora-rtm.global.js`)
}
