import type { Clock } from '../base/clock.ts'
import type { Peer } from '../protocol/peer.ts'
import type { ServerMessage } from '../protocol/server-messages.ts'
import { Requests } from './requests.ts'

/** What a server is asked and answers by number. */
export class Questions {
  readonly finds: Requests<readonly Peer[]>
  readonly visits: Requests<readonly Peer[]>
  readonly counts: Requests<readonly number[]>

  constructor(clock: Clock) {
    this.finds = new Requests(clock)
    this.visits = new Requests(clock)
    this.counts = new Requests(clock)
  }

  /** False for what is no answer. */
  answered(message: ServerMessage): boolean {
    switch (message.type) {
      case 'found':
        this.finds.answer(message.request, message.peers)
        return true
      case 'visited':
        this.visits.answer(message.request, message.holders)
        return true
      case 'counted':
        this.counts.answer(message.request, message.counts)
        return true
      default:
        return false
    }
  }

  /** No answer comes any more. */
  giveUp(): void {
    for (const requests of [this.finds, this.visits, this.counts]) requests.giveUp()
  }
}
