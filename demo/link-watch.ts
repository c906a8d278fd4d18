/** Asks the kit each second whom it is linked to, while somebody looks. */
import type { AgoraRtmKit } from 'rtm-mesh'
import type { ChatModel, Link } from './model.ts'

const EVERY_MS = 1_000

/** The answer stops it. */
export function watchLinks(kit: AgoraRtmKit, model: ChatModel): () => void {
  let isOver = false
  let isAsking = false

  const look = async (): Promise<void> => {
    if (document.visibilityState === 'hidden' || isAsking) return
    isAsking = true
    try {
      const { peers, servers } = await kit.diagnose()
      if (isOver) return
      const links = new Map<string, Link>()
      for (const peer of peers) {
        // Somebody may have two sessions for a moment; the better one counts.
        if (links.has(peer.userId) && peer.path === 'none') continue
        links.set(peer.userId, {
          path: peer.path,
          state: peer.state,
          roundTripMs: peer.roundTripMs,
          near: peer.localCandidateType,
          far: peer.remoteCandidateType,
          lastError: peer.lastError,
        })
      }
      model.setLinks(links, servers)
    } finally {
      isAsking = false
    }
  }

  const lookNow = (): void => void look()
  const timer = setInterval(lookNow, EVERY_MS)
  const forget = model.on('people', lookNow)
  document.addEventListener('visibilitychange', lookNow)
  lookNow()
  return () => {
    isOver = true
    clearInterval(timer)
    forget()
    document.removeEventListener('visibilitychange', lookNow)
  }
}
