import type { SessionId } from '../base/ids.ts'
import { IncomingStream } from './incoming-stream.ts'

/** Sessions that ended or were forgotten may come back and send again what had arrived: of so many it is known. */
const MAX_REMEMBERED = 1_024

/** What has arrived of each session, also of those that are over. */
export class IncomingStreams {
  private readonly bySession = new Map<SessionId, IncomingStream>()

  constructor(private readonly isNeeded: (sessionId: SessionId) => boolean) {}

  of(sessionId: SessionId): IncomingStream {
    const incoming = this.bySession.get(sessionId) ?? new IncomingStream()
    this.bySession.set(sessionId, incoming)
    for (const oldest of this.bySession.keys()) {
      if (this.bySession.size <= MAX_REMEMBERED) break
      if (!this.isNeeded(oldest) && oldest !== sessionId) this.bySession.delete(oldest)
    }
    return incoming
  }
}
