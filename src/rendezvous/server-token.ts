import type { TokenFault } from '../protocol/server-messages.ts'

/** What a server says of a token. */
export type TokenAnswer = 'ok' | TokenFault

/** A token that no server has judged yet. */
interface Offer {
  readonly token: string
  readonly settle: (answer: TokenAnswer) => void
}

/** The token that a session shows to its server: the one that was good last, or a newer one that is to be tried. */
export class ServerToken {
  /** The newest. */
  offered: Offer | undefined
  /** Of the login under way, if it does not show the one that was good. */
  private tried: Offer | undefined
  private isRefused = false

  constructor(private good: string | null) {}

  /** Its answer comes with a login, or by `judged`; never, if a later one takes its place before. */
  offer(token: string): Promise<TokenAnswer> {
    return new Promise((settle) => {
      this.offered = { token, settle }
    })
  }

  /** For a login that is about to be sent. */
  show(): string | null {
    this.tried = this.offered
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
    offer.settle(answer)
  }

  /** There is none that the server has not refused. */
  get isSpent(): boolean {
    return this.isRefused && !this.offered
  }
}
