import { loginOf } from './login.ts'
import type { SimulatedPage } from './page.ts'
import type { World } from './world.ts'

/** Who is not heard is owed nothing any more after 120 s, and forgotten after 180 s; and a pulse. */
const FORGOTTEN_AFTER_MS = 181_000

/** All have talked, and had time for it: nobody who is there is owed anything. */
export function checkDebts(world: World): void {
  for (const page of world.pages)
    for (const { peer, owedCount, owedBytes } of peersOf(page))
      if (owedCount > 0 && world.logins.get(peer.sessionId)?.isAlive === true)
        world.broken(
          `${page.name} owes ${owedCount} items (${owedBytes} bytes) to ${peer.userId}, who is there`,
        )
}

/**
 * Whoever is gone since before the quiet time is owed nothing after a while, and nobody looks for it any more; what
 * counts as owed to nobody would take the room of what is, for ever.
 */
export async function checkThatWhoIsGoneIsForgotten(world: World): Promise<void> {
  await world.pass(FORGOTTEN_AFTER_MS)
  checkDebts(world)
  for (const page of world.pages) {
    if (!loginOf(page)) continue
    for (const { peer, owedBytes, holds } of peersOf(page)) {
      const other = world.logins.get(peer.sessionId)
      if (other?.isAlive !== true)
        world.broken(
          `${page.name} has not forgotten ${other?.name ?? peer.userId}, who is gone: ${owedBytes} bytes are owed, ${holds} channels held`,
        )
    }
    const { owedBytes = 0 } = page.session?.mesh['sessions']['ledger'] ?? {}
    if (owedBytes !== 0) world.broken(`${page.name} owes ${owedBytes} bytes in the end`)
  }
}

function peersOf(page: SimulatedPage) {
  return loginOf(page) ? (page.session?.mesh.describe() ?? []) : []
}
