import type { TestUser } from './test-user.ts'

const CHANNEL = 'room'
/** Of what a page that was slow has to make up for, at a time: what the API's limits would let through at once. */
const MOST_AT_ONCE = 60

export interface Sent {
  /** A user, or everybody in the channel. */
  readonly to: string
  readonly text: string
}

export interface Heard {
  readonly text: string
  /** By `Date.now()`, which pages of one machine share. */
  readonly at: number
}

/**
 * One user's messages at a steady rate: every other one to all in the channel, the others to one peer after the other.
 * Each is `sender>receiver number`, and says nothing twice.
 */
export class Traffic {
  readonly sent: Sent[] = []
  /** What the calls were answered, by how often. */
  readonly answers: Record<string, number> = {}
  private nextPeer = 0

  constructor(
    private readonly user: TestUser,
    private readonly name: string,
    private readonly others: readonly string[],
  ) {}

  /** Resolves when everything is sent and answered. */
  async run(perSecond: number, seconds: number): Promise<void> {
    const startedAt = performance.now()
    const total = perSecond * seconds
    const answered: Promise<void>[] = []
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1_000) * perSecond))
        for (let i = 0; i < MOST_AT_ONCE && this.sent.length < due; i++) answered.push(this.sendNext())
        if (this.sent.length < total) return
        clearInterval(timer)
        resolve()
      }, 1_000 / perSecond)
    })
    await Promise.all(answered)
  }

  /** Everything that came from one user, in the order in which the page was told. */
  heardFrom(userId: string): Heard[] {
    const ofUser = [`${userId}: `, `#${CHANNEL} ${userId}: `]
    return this.user.events.flatMap((event, i) => {
      const prefix = ofUser.find((start) => event.startsWith(start))
      const at = performance.timeOrigin + (this.user.times[i] ?? 0)
      return prefix === undefined ? [] : [{ text: event.slice(prefix.length), at }]
    })
  }

  private async sendNext(): Promise<void> {
    const number = this.sent.length
    const peer = this.others[this.nextPeer % this.others.length] ?? ''
    const isForAll = number % 2 === 0
    if (!isForAll) this.nextPeer += 1
    const to = isForAll ? 'all' : peer
    const text = `${this.name}>${to} ${number}`
    this.sent.push({ to, text })
    const code = await (isForAll ? this.user.say(CHANNEL, text) : this.user.tell(peer, text))
    this.answers[code] = (this.answers[code] ?? 0) + 1
  }
}
