/**
 * What a peer shows of itself, checked: one after the other, and of those that come meanwhile the last, so that a peer
 * that shows them without end makes no queue.
 */
export class ShownCredential {
  /** The last that was found valid. */
  valid: string | undefined
  private next: string | undefined
  private isChecking = false

  constructor(private readonly isValid: (credential: string) => Promise<boolean>) {}

  show(credential: string): void {
    this.next = credential
    if (!this.isChecking) void this.check()
  }

  private async check(): Promise<void> {
    this.isChecking = true
    try {
      while (this.next !== undefined) {
        const credential = this.next
        this.next = undefined
        if (credential !== this.valid && (await this.isValid(credential))) this.valid = credential
      }
    } finally {
      this.isChecking = false
    }
  }
}
