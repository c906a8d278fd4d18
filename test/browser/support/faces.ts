import { APP_ID, type Tab } from './world.ts'

/** The two ways to the same engine: the kit, and the API of `agora-rtm-sdk`. */
export type Face = 'kit' | 'web'

/** Makes `page.person` and logs it in, without rate limits. */
export async function logInBy(face: Face, page: Tab, name: string, signalingUrl: string): Promise<void> {
  const code = await page.evaluate(
    async ([by, appId, userId, url]) => {
      if (by === 'kit') {
        window.user = new window.TestUser(appId, { rateLimits: false })
        window.person = window.user
      } else {
        const { TestWebUser } = await window.loadWeb()
        window.person = new TestWebUser(appId, [url])
      }
      return window.person.login(userId)
    },
    [face, APP_ID, name, signalingUrl] as const,
  )
  if (code !== 0) throw new Error(`${name} could not log in by ${face}: ${code}`)
}
