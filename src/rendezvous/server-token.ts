import type { TokenFault } from '../protocol/server-messages.ts'

/** What a server says of a token. */
export type TokenAnswer = 'ok' | TokenFault

/** What becomes of a token that is given to a session; another may take its place before a server has judged it. */
export type TokenOutcome = TokenAnswer | 'token-replaced'

/** A token that no server has judged yet. */
interface Offer {
  readonly token: string
  readonly settle: (outcome: TokenOutcome) => void
}

/** The token that a session shows to its server: the one that was good last, or a newer one that is to be tried. */
export class ServerToken {
  /** The newest. */
  private offered: Offer | undefined
  /** Of the login under way, if it does not show the one that was good. */
  private tried: Offer | undefined
  /** A server is about to judge them. */
  private readonly asked = new Set<Offer>()
  private isRefused = false

  constructor(private good: string | null) {}

  /** Its answer comes with a login, or by `judged`; at once if a later one takes its place before anybody is asked. */
  offer(token: string): Promise<TokenOutcome> {
    return new Promise((settle) => {
      const earlier = this.offered
      this.offered = { token, settle }
      if (earlier && !this.asked.has(earlier)) earlier.settle('token-replaced')
    })
  }

  /** For a question: the newest. `judged` or `unanswered` follows. */
  ask(): Offer | undefined {
    if (this.offered) this.asked.add(this.offered)
    return this.offered
  }

  /** For a login that is about to be sent. */
  show(): string | null {
    this.tried = this.ask()
    return this.tried ? this.tried.token : this.good
  }

  /** What the server said of the token that was shown. */
  shown(answer: TokenAnswer): void {
    if (this.tried) this.judged(this.tried, answer)
    else this.isRefused = answer !== 'ok'
  }

  judged(offer: Offer, answer: TokenAnswer): void {
    if (answer === 'ok') {
      this.good = offer.token
      this.isRefused = false
    }
    if (this.offered === offer) this.offered = undefined
    this.asked.delete(offer)
    offer.settle(answer)
  }

  /** It is asked about again, unless there is a newer one. */
  unanswered(offer: Offer): void {
    this.asked.delete(offer)
    if (this.offered !== offer) offer.settle('token-replaced')
  }

  /** Nobody who was asked answers any more. */
  lost(): void {
    for (const offer of [...this.asked]) this.unanswered(offer)
  }

  /** There is none that the server has not refused. */
  get isSpent(): boolean {
    return this.isRefused && !this.offered
  }
}
