import type { Clock } from '../base/clock.ts'
import type { ChannelId, UserId } from '../base/ids.ts'
import type { ClientMessage } from '../protocol/client-messages.ts'
import type { Peer } from '../protocol/peer.ts'
import type { ServerMessage } from '../protocol/server-messages.ts'
import { Requests } from './requests.ts'
import type { TokenAnswer } from './server-token.ts'

/** What a server is asked and answers by number. Undefined when no answer came in time, or none can come any more. */
export class Questions {
  private readonly finds: Requests<readonly Peer[]>
  private readonly visits: Requests<readonly Peer[]>
  private readonly counts: Requests<readonly number[]>
  private readonly tokens: Requests<TokenAnswer>

  constructor(
    clock: Clock,
    private readonly send: (message: ClientMessage) => void,
  ) {
    this.finds = new Requests(clock)
    this.visits = new Requests(clock)
    this.counts = new Requests(clock)
    this.tokens = new Requests(clock)
  }

  find(userIds: readonly UserId[]): Promise<readonly Peer[] | undefined> {
    return this.finds.ask((request) => this.send({ type: 'find', request, userIds: [...userIds] }))
  }

  visit(channelId: ChannelId): Promise<readonly Peer[] | undefined> {
    return this.visits.ask((request) => this.send({ type: 'visit', request, channelId }))
  }

  count(channelIds: readonly ChannelId[]): Promise<readonly number[] | undefined> {
    return this.counts.ask((request) => this.send({ type: 'count', request, channelIds: [...channelIds] }))
  }

  /** Whether this token is good. */
  judge(token: string): Promise<TokenAnswer | undefined> {
    return this.tokens.ask((request) => this.send({ type: 'renewToken', request, token }))
  }

  judged(request: number, answer: TokenAnswer): void {
    this.tokens.answer(request, answer)
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
      case 'tokenRefused':
        this.judged(message.request, message.reason)
        return true
      default:
        return false
    }
  }

  /** No answer comes any more. */
  giveUp(): void {
    for (const requests of [this.finds, this.visits, this.counts, this.tokens]) requests.giveUp()
  }
}
