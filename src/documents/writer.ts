import type { AttributeChange } from './attribute.ts'
import type { Authorship } from './authorship.ts'
import type { Edition } from './edition.ts'
import { type ApplyChange, entriesOf } from './writing.ts'

/** Failure: this session cannot prove who it is, or the document is closed. */
export type WriteResult = 'ok' | 'size-overflow' | 'failure'

export interface WriterOptions {
  readonly authorship: Authorship
  /** Server time. */
  now(): number
  /** Resolves when what is here is what others have, as far as they can be asked. */
  meet(): Promise<void>
  edition(): Edition | undefined
  /** The first edition, where there is none. */
  begin(): Edition
}

/** Makes this session's changes to a document, one after the other. */
export class Writer {
  private last: Promise<unknown> = Promise.resolve()
  private isClosed = false

  constructor(private readonly options: WriterOptions) {}

  /** Resolves when the write is made, and nobody else has it yet. */
  write(change: AttributeChange, applyChange: ApplyChange): Promise<WriteResult> {
    const before = this.last
    const write = (async () => {
      await before
      await this.options.meet()
      return this.make(change, applyChange)
    })()
    this.last = write
    return write
  }

  close(): void {
    this.isClosed = true
  }

  private async make(change: AttributeChange, applyChange: ApplyChange): Promise<WriteResult> {
    if (this.isClosed) return 'failure'
    const { now, authorship } = this.options
    const present = this.options.edition()
    await present?.book.settled()
    const entries = entriesOf(change, applyChange, present?.book.valid ?? [], now())
    if (entries === 'size-overflow') return entries
    // Later than whatever was seen.
    const clock = Math.max(now(), (present?.latestClock ?? 0) + 1)
    const records = await authorship.sign(entries, clock)
    // Another generation has come meanwhile: the change is made to that.
    if (present !== this.options.edition()) return this.make(change, applyChange)
    if (!records || this.isClosed) return 'failure'
    const edition = present ?? this.options.begin()
    authorship.wrote(records)
    if (records.length > 0) edition.put(records)
    // Who finds nothing at all in it takes it for one that has not come yet.
    else if (!present) authorship.vouch(edition)
    return 'ok'
  }
}
