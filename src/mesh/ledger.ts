/** What a peer may be owed; more is refused. */
const MAX_OWED_COUNT = 4_096
const MAX_OWED_BYTES = 16 * 1024 * 1024
/** What all peers together may be owed. */
const MAX_OWED_BYTES_IN_ALL = 64 * 1024 * 1024

/** What one peer is owed. */
export interface Account {
  readonly owedCount: number
  readonly owedBytes: number
}

/** What the streams of one session have in common: their numbers, and what is owed in all. */
export class Ledger {
  /** Owed to all peers together. */
  owedBytes = 0
  private lastStreamNumber = 0

  /** Numbers grow, whoever the stream goes to: a peer that remembers an older one sees that this is new. */
  newStreamNumber(): number {
    return ++this.lastStreamNumber
  }

  /** Whether each of these may be owed one item of this size more. */
  hasRoomFor(accounts: readonly Account[], byteCount: number): boolean {
    const isWithinAll = this.owedBytes + accounts.length * byteCount <= MAX_OWED_BYTES_IN_ALL
    return (
      isWithinAll &&
      accounts.every(
        ({ owedCount, owedBytes }) => owedCount < MAX_OWED_COUNT && owedBytes + byteCount <= MAX_OWED_BYTES,
      )
    )
  }
}
