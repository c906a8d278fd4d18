import type { Cancel, Clock } from '../base/clock.ts'
import type { ChannelId, SessionId, UserId } from '../base/ids.ts'
import { encodeNeighbourMessage } from '../protocol/neighbour-messages.ts'
import type { Peer } from '../protocol/peer.ts'
import type { Neighbourhood } from './neighbourhood.ts'

/** Somebody whom a neighbour introduced, as its credential proves; of the channels there is no proof. */
export interface Introduced {
  readonly peer: Peer
  readonly channels: readonly (readonly [channelId: ChannelId, incarnation: number])[]
}

export interface Question {
  readonly to: readonly SessionId[]
  readonly userIds: readonly UserId[]
  readonly channelIds: readonly ChannelId[]
  /** How long answers are waited for. */
  readonly lifeMs: number
  /** Once for each neighbour that answers in time. */
  answered(introduced: readonly Introduced[]): void
  /** All have answered, or the time is up. */
  over(): void
}

interface Open {
  readonly question: Question
  readonly waiting: Map<SessionId, 'asked' | 'answering'>
  readonly cancel: Cancel
}

/** Questions to neighbours that are not answered yet, each with a number that its answers repeat. */
export class NeighbourQuestions {
  private readonly open = new Map<number, Open>()
  private last = 0

  constructor(
    private readonly clock: Clock,
    private readonly neighbourhood: Neighbourhood,
  ) {}

  ask(question: Question): void {
    const request = ++this.last
    const { userIds, channelIds, lifeMs } = question
    const message = encodeNeighbourMessage({ kind: 'ask', request, userIds, channelIds })
    const cancel = this.clock.after(lifeMs, () => this.end(request))
    const waiting: Open['waiting'] = new Map()
    this.open.set(request, { question, waiting, cancel })
    for (const to of question.to) if (this.neighbourhood.tell(to, message)) waiting.set(to, 'asked')
    this.endIfAnswered(request)
  }

  /**
   * Takes an answer of a neighbour that was asked and has not answered yet; undefined if it was not. What is returned
   * is to be called with who the answer introduces, when that is proven.
   */
  take(from: SessionId, request: number): ((introduced: readonly Introduced[]) => void) | undefined {
    const open = this.open.get(request)
    if (open?.waiting.get(from) !== 'asked') return undefined
    open.waiting.set(from, 'answering')
    return (introduced) => {
      if (this.open.get(request) !== open || !open.waiting.delete(from)) return
      open.question.answered(introduced.map((one) => onlyAskedFor(open.question, one)).filter(isSomething))
      this.endIfAnswered(request)
    }
  }

  /** It will not answer any more. */
  lost(sessionId: SessionId): void {
    for (const [request, { waiting }] of [...this.open])
      if (waiting.delete(sessionId)) this.endIfAnswered(request)
  }

  giveUp(): void {
    for (const request of [...this.open.keys()]) this.end(request)
  }

  private endIfAnswered(request: number): void {
    if (this.open.get(request)?.waiting.size === 0) this.end(request)
  }

  private end(request: number): void {
    const open = this.open.get(request)
    this.open.delete(request)
    open?.cancel()
    open?.question.over()
  }
}

function onlyAskedFor(question: Question, { peer, channels }: Introduced): Introduced | undefined {
  const asked = channels.filter(([channelId]) => question.channelIds.includes(channelId))
  const isAskedFor = asked.length > 0 || question.userIds.includes(peer.userId)
  return isAskedFor ? { peer, channels: asked } : undefined
}

function isSomething<T>(value: T | undefined): value is T {
  return value !== undefined
}
