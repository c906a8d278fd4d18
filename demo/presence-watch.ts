/** Subscribes to everybody who is listed, and says how they stand. */
import {
  AgoraPeerOnlineState as State,
  AgoraRtmPeerSubscriptionStatusErrorCode as Code,
  type AgoraRtmKit,
  type AgoraRtmPeerOnlineStatus,
} from 'rtm-mesh'
import type { ChatModel, Standing } from './model.ts'

/** Several who come or go at once are one call: the API allows ten in five seconds. */
const SOON_MS = 600
/** After a call that did not work. */
const AGAIN_MS = 5_000
/** The API's limit. */
const MOST = 512

const standings: Readonly<Record<State, Standing>> = {
  [State.Online]: 'online',
  [State.Unreachable]: 'unreachable',
  [State.Offline]: 'offline',
}

export const standingsOf = (statuses: readonly AgoraRtmPeerOnlineStatus[]): [string, Standing][] =>
  statuses.map(({ peerId, state }) => [peerId, standings[state]])

/** The answer stops it. */
export function watchPresence(kit: AgoraRtmKit, model: ChatModel): () => void {
  const watched = new Set<string>()
  let timer: ReturnType<typeof setTimeout> | undefined
  let isOver = false

  const look = async (): Promise<void> => {
    timer = undefined
    const listed = [...model.people, ...model.formerly].slice(0, MOST)
    const added = listed.filter((userId) => !watched.has(userId))
    const dropped = [...watched].filter((userId) => !listed.includes(userId))
    for (const userId of dropped) watched.delete(userId)
    if (dropped.length > 0) await kit.unsubscribePeersOnlineStatus(dropped)
    if (added.length === 0 || isOver) return
    for (const userId of added) watched.add(userId)
    if ((await kit.subscribePeersOnlineStatus(added)) === Code.Ok || isOver) return
    for (const userId of added) watched.delete(userId)
    lookIn(AGAIN_MS)
  }
  const lookIn = (ms: number): void => {
    timer ??= setTimeout(() => void look(), ms)
  }

  const lookSoon = (): void => lookIn(SOON_MS)
  const forget = (['people', 'conversations', 'open'] as const).map((event) => model.on(event, lookSoon))
  lookSoon()
  return () => {
    isOver = true
    clearTimeout(timer)
    for (const undo of forget) undo()
  }
}
