import type { Bytes } from '../../src/base/bytes.ts'
import type { SessionId } from '../../src/base/ids.ts'
import type {
  OpeningEvents,
  SideChannel,
  SideChannelEvents,
  SideChannelOffer,
} from '../../src/mesh/side-channel.ts'
import type { Peer } from '../../src/protocol/peer.ts'
import type { ManualClock } from '../support/manual-clock.ts'

/** Somebody with links to others. */
export interface Participant {
  readonly peer: Peer
  offered(offer: SideChannelOffer): void
  receive(from: Peer, message: Bytes): void
  linked(sessionId: SessionId): void
  unlinked(sessionId: SessionId): void
}

/** One end of a side channel. What is sent before the other side has accepted is lost. */
class End implements SideChannel {
  state: 'offered' | 'open' | 'left' | 'closed'
  other: End | undefined
  readonly bufferedBytes = 0
  private lastDue = 0

  constructor(
    private readonly network: Network,
    private readonly owner: Peer,
    private readonly to: Peer,
    private readonly events: SideChannelEvents,
    private readonly opener?: OpeningEvents,
  ) {
    this.state = opener ? 'offered' : 'open'
  }

  send(message: Bytes): void {
    const copy = new Uint8Array(message)
    if (this.network.loses('channel', this.owner, this.to.sessionId)) return
    if (this.state === 'open') this.toOther((other) => other.heard(copy))
  }

  close(): void {
    if (this.state === 'offered') this.state = 'left'
    else if (this.state === 'open') this.finish()
  }

  accepted(): void {
    if (this.state === 'left') this.finish()
    if (this.state !== 'offered') return
    this.state = 'open'
    this.opener?.opened()
  }

  refused(answer: Bytes): void {
    const wasWanted = this.state === 'offered'
    this.state = 'closed'
    if (wasWanted) this.opener?.refused(answer)
  }

  /** The link is gone, or the other side has closed it. */
  lose(): void {
    const wasWanted = this.state === 'offered' || this.state === 'open'
    this.state = 'closed'
    if (wasWanted) this.events.closed()
  }

  private heard(message: Bytes): void {
    this.accepted()
    if (this.state === 'open') this.events.message(message)
  }

  private finish(): void {
    this.state = 'closed'
    this.toOther((other) => other.lose())
  }

  private toOther(run: (other: End) => void): void {
    const { other } = this
    if (other) this.lastDue = this.network.later('channel', this.lastDue, () => run(other))
  }
}

/** What the link carries beside side channels: messages that arrive once and in order, also across a cut. */
class Stream {
  private readonly owed: Bytes[] = []
  private lastDue = 0

  constructor(
    private readonly network: Network,
    private readonly from: Peer,
    private readonly to: SessionId,
  ) {}

  send(message: Bytes): void {
    if (this.network.loses('message', this.from, this.to)) return
    this.owed.push(new Uint8Array(message))
    this.flush()
  }

  flush(): void {
    this.lastDue = this.network.later('message', this.lastDue, () => {
      const target = this.network.participant(this.to)
      if (!target || !this.network.isLinked(this.from.sessionId, this.to)) return
      for (const message of this.owed.splice(0)) target.receive(this.from, message)
    })
  }
}

/** Links between all participants, on a clock that a test moves; a test cuts and joins them. */
export class Network {
  private readonly participants = new Map<SessionId, Participant>()
  private readonly endsByPair = new Map<string, Set<End>>()
  private readonly streams = new Map<string, Stream>()
  private readonly cuts = new Set<string>()
  /** Breaks what links promise: such a message is lost without a word. */
  loses: (what: 'channel' | 'message', from: Peer, to: SessionId) => boolean = () => false

  constructor(
    private readonly clock: ManualClock,
    /** How long something is on its way. */
    private readonly delayMs: (what: 'channel' | 'message') => number,
  ) {}

  participant(sessionId: SessionId): Participant | undefined {
    return this.participants.get(sessionId)
  }

  attach(participant: Participant): void {
    this.participants.set(participant.peer.sessionId, participant)
  }

  /** It is gone with its links. */
  detach({ peer }: Participant): void {
    for (const other of this.participants.keys()) this.loseEnds(pairOf(peer.sessionId, other))
    this.participants.delete(peer.sessionId)
  }

  isLinked(a: SessionId, b: SessionId): boolean {
    return this.participants.has(a) && this.participants.has(b) && !this.cuts.has(pairOf(a, b))
  }

  cut(a: Participant, b: Participant): void {
    const pair = pairOf(a.peer.sessionId, b.peer.sessionId)
    if (this.cuts.has(pair)) return
    this.cuts.add(pair)
    this.loseEnds(pair)
    a.unlinked(b.peer.sessionId)
    b.unlinked(a.peer.sessionId)
  }

  join(a: Participant, b: Participant): void {
    if (!this.cuts.delete(pairOf(a.peer.sessionId, b.peer.sessionId))) return
    a.linked(b.peer.sessionId)
    b.linked(a.peer.sessionId)
    this.stream(a.peer, b.peer).flush()
    this.stream(b.peer, a.peer).flush()
  }

  send(from: Peer, to: Peer, message: Bytes): void {
    this.stream(from, to).send(message)
  }

  openChannel(from: Peer, to: Peer, label: Bytes, user: OpeningEvents): SideChannel | undefined {
    if (!this.isLinked(from.sessionId, to.sessionId)) return undefined
    const mine = this.end(from, to, user, user)
    this.later('channel', 0, () => this.offer(from, to, label, mine))
    return mine
  }

  /** When it is run: never before what was sent earlier. */
  later(what: 'channel' | 'message', notBefore: number, run: () => void): number {
    const due = Math.max(notBefore, this.clock.now() + this.delayMs(what))
    this.clock.after(due - this.clock.now(), run)
    return due
  }

  private offer(from: Peer, to: Peer, label: Bytes, opener: End): void {
    const target = this.participants.get(to.sessionId)
    if (!target || !this.isLinked(from.sessionId, to.sessionId) || opener.state === 'closed') return
    let isAnswered = false
    target.offered({
      from,
      label,
      accept: (user) => {
        isAnswered = true
        const end = this.end(to, from, user)
        end.other = opener
        opener.other = end
        this.later('channel', 0, () => opener.accepted())
        return end
      },
      refuse: (answer) => {
        isAnswered = true
        this.later('channel', 0, () => opener.refused(answer))
      },
    })
    if (!isAnswered) throw new Error('An offer was neither accepted nor refused')
  }

  private end(owner: Peer, other: Peer, user: SideChannelEvents, opener?: OpeningEvents): End {
    const end = new End(this, owner, other, user, opener)
    const pair = pairOf(owner.sessionId, other.sessionId)
    this.endsByPair.set(pair, (this.endsByPair.get(pair) ?? new Set()).add(end))
    return end
  }

  private loseEnds(pair: string): void {
    const ends = this.endsByPair.get(pair) ?? []
    this.endsByPair.delete(pair)
    for (const end of ends) end.lose()
  }

  private stream(from: Peer, to: Peer): Stream {
    const key = `${from.sessionId} ${to.sessionId}`
    const stream = this.streams.get(key) ?? new Stream(this, from, to.sessionId)
    this.streams.set(key, stream)
    return stream
  }
}

function pairOf(a: SessionId, b: SessionId): string {
  return a < b ? `${a} ${b}` : `${b} ${a}`
}
