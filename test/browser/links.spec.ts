import { linkContract } from '../mesh/link-contract.ts'
import { test } from './support/world.ts'

for (const kind of ['over WebRTC', 'between tabs'] as const) {
  test(`a link ${kind} does what links do`, async ({ world }) => {
    const page = await world.page()
    for (const title of linkContract) {
      await test.step(title, () =>
        page.evaluate(
          async ([name, part]) => {
            const { check } = await window.loadLinkKinds()
            await check(name, part)
          },
          [kind, title] as const,
        ),
      )
    }
  })
}
