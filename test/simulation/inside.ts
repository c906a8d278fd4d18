import type { SessionId } from '../../src/base/ids.ts'
import { decodeItem } from '../../src/protocol/items.ts'
import type { OnlineSession } from '../../src/rtm/online-session.ts'
import { numberOf } from './numbered.ts'

// What no user can see: whether a message is lost or on its way.

/** The sessions in whose streams this message is, sent or not. */
export function streamsWith(session: OnlineSession | undefined, number: number): ReadonlySet<SessionId> {
  const isIt = ({ bytes }: { readonly bytes: Uint8Array }): boolean => {
    const item = decodeItem(bytes)
    return item !== undefined && 'content' in item && numberOf(item.content) === number
  }
  const owing = session?.mesh.describe().filter((peer) => {
    const stream = peer['outgoing']
    return [...stream['transmitted'], ...stream['waiting']].some(isIt)
  })
  return new Set(owing?.map(({ peer }) => peer.sessionId))
}

/** Of each session, how much has arrived that waits behind its offline messages for the disk. */
export function untoldIn({ correspondence }: OnlineSession): ReadonlyMap<SessionId, number> {
  const lines = [...correspondence['inbox']['lines'].values()]
  const countOf = (waiting: readonly unknown[]): number =>
    waiting.filter((one) => typeof one === 'function').length
  return new Map(lines.map(({ from, waiting }) => [from.sessionId, countOf(waiting)]))
}
