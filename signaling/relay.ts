import type { SessionId, UserId } from '../src/base/ids.ts'
import type { Directory } from './directory.ts'
import { peerOf, type Session } from './session.ts'

/** Introduces users of one app to each other: says who is online, and passes their signals on. */
export class Relay {
  relayedSignals = 0
  undeliverableSignals = 0

  constructor(private readonly directory: Directory) {}

  find(session: Session, request: number, userIds: readonly UserId[]): void {
    const peers = [...new Set(userIds)]
      .map((userId) => this.directory.sessionOf(session.appId, userId))
      .filter((found) => found !== undefined)
      .map(peerOf)
    session.send({ type: 'found', request, peers })
  }

  /** The recipient learns the sender from the server, never from the signal. */
  signal(session: Session, to: SessionId, signal: string): void {
    const recipient = this.directory.sessionById(to)
    const isReachable = recipient?.outlet && !recipient.outlet.isCongested
    if (!isReachable || recipient === session || recipient.appId !== session.appId) {
      this.undeliverableSignals += 1
      session.send({ type: 'undeliverable', to })
      return
    }
    this.relayedSignals += 1
    recipient.send({ type: 'signal', from: peerOf(session), signal })
    session.acquaintances.add(recipient.sessionId)
    recipient.acquaintances.add(session.sessionId)
  }
}
