import { describe, expect, test, vi } from 'vitest'

import { setup } from './setup.ts'

/** What a session ends when it is closed, one after the other. */
const steps = [
  ['invitations', 'close'],
  ['wakefulness', 'stop'],
  ['tokens', 'close'],
  ['notices', 'close'],
  ['farewells', 'close'],
  ['correspondence.inbox', 'close'],
  ['channels', 'close'],
  ['channelCounts', 'close'],
  ['presence', 'close'],
  ['presenceQueries', 'close'],
  ['channelAttributes', 'close'],
  ['rendezvous', 'goodbye'],
  ['mesh', 'close'],
  ['trust', 'close'],
  ['correspondence.sent', 'close'],
  ['correspondence.kept', 'close'],
  ['userAttributes', 'close'],
] as const

/** What a session has under this name, or a part of it. */
function partOf(session: object, path: string): Record<string, () => void> {
  return path.split('.').reduce((part, name) => Reflect.get(part, name) as object, session) as ReturnType<
    typeof partOf
  >
}

// Firefox stops scripts while it closes a tab; a second listener begins the goodbye anew (rtm/page-events.ts).
describe('A goodbye that was cut short', () => {
  test.each(
    steps.flatMap(([part, method]) => [[part, method, 'before'] as const, [part, method, 'after'] as const]),
  )('in %s.%s, %s it was done, is finished when it is begun once more', async (part, method, when) => {
    const { lobby, pass } = setup()
    const [alice, bob] = await lobby('alice', 'bob')
    await pass(500)
    bob.news()
    const ended = partOf(alice.session, part)
    const done = ended[method]?.bind(ended)
    vi.spyOn(ended, method).mockImplementationOnce(() => {
      if (when === 'after') done?.()
      throw new Error('The script was stopped')
    })
    expect(() => alice.session.close()).toThrow('The script was stopped')
    alice.session.close()
    await pass(500)
    expect(bob.news()).toContain('lobby: alice left')
  })
})
