import type { AppId, SessionId, UserId } from '../src/base/ids.ts'
import type { Peer } from '../src/protocol/peer.ts'
import { type Colleagues, nobodyElse } from './colleagues.ts'
import type { Directory } from './directory.ts'
import { peerOf, type Session } from './session.ts'
import { writeSignalText } from './signal-text.ts'

/** Introduces users of one app to each other: says who is online, and passes their signals on. */
export class Relay {
  relayedSignals = 0
  undeliverableSignals = 0

  constructor(
    private readonly directory: Directory,
    private readonly colleagues: Colleagues = nobodyElse,
  ) {}

  find(session: Session, request: number, userIds: readonly UserId[]): void {
    const peers = [...new Set(userIds)]
      .map((userId) => this.directory.sessionOf(session.appId, userId))
      .filter((found) => found !== undefined)
      .map(peerOf)
    session.send({ type: 'found', request, peers })
  }

  /** The recipient learns the sender from the server, never from the signal. `json`: the signal in JSON. */
  signal(session: Session, to: SessionId, signal: string, json = JSON.stringify(signal)): void {
    const recipient = this.recipient(session.appId, to)
    if (!recipient || recipient === session) return this.undeliverable(session, to)
    session.meet(recipient.sessionId)
    recipient.meet(session.sessionId)
    if (recipient.isElsewhere) return this.colleagues.pass(session, recipient, signal)
    this.relayedSignals += 1
    recipient.outlet?.send(writeSignalText(session, json))
  }

  /** Of a session at another node; false if it cannot be delivered here. */
  deliver(appId: AppId, from: Peer, to: SessionId, signal: string): boolean {
    const recipient = this.recipient(appId, to)
    if (!recipient || recipient.isElsewhere) return false
    recipient.meet(from.sessionId)
    this.directory.sessionById(from.sessionId)?.meet(to)
    this.relayedSignals += 1
    recipient.send({ type: 'signal', from, signal })
    return true
  }

  undeliverable(session: Session, to: SessionId): void {
    this.undeliverableSignals += 1
    session.send({ type: 'undeliverable', to })
  }

  /** Of this app, and able to take a signal. */
  private recipient(appId: AppId, sessionId: SessionId): Session | undefined {
    const session = this.directory.sessionById(sessionId)
    return session?.appId === appId && session.outlet && !session.outlet.isCongested ? session : undefined
  }
}
