import type { Cancel, Clock } from '../base/clock.ts'
import { describeError, levelBits } from '../base/logger.ts'
import type { LogStore } from '../storage/log-store.ts'
import { inOrder, LogLines } from './log-lines.ts'
import type { Logbook, LogKeeper, LogLine } from './logbook.ts'

/** What happens to a page that matters to its log. */
export interface LeavingEvents {
  hidden(): void
  /** It goes, and may never come back. */
  leaving(): void
  back(): void
}

export interface LogWriterOptions {
  readonly clock: Clock
  readonly book: Logbook
  readonly store: LogStore
  /** Tells this kit from all others: a random number of 32 bits. */
  readonly id: number
  listen(events: LeavingEvents): Cancel
}

/** What a page that crashes may lose. */
const WRITE_EVERY_MS = 1_000
const MAX_PIECE_CHARS = 64 * 1024
/** While the disk takes nothing; of more the latest. */
const MAX_WAITING_CHARS = 1024 * 1024
/** After a failure. A full disk stays full for a while. */
const TRY_AGAIN_MS = 30_000
/** A disk that answers takes milliseconds. */
const PATIENCE_MS = 2_000
/** Pieces that this kit leaves before it gathers them, whichever comes first. */
const MAX_LEFT_PIECES = 64
const MAX_LEFT_CHARS = 64 * 1024

const KB = 1024

interface Waiting {
  readonly text: string
  readonly bit: number
}

/** What the disk was told and has not answered. */
interface Batch {
  readonly lines: readonly Waiting[]
  readonly since: number
}

/** Of these it is known that they do not work; once for all kits of a page. */
const complainedOf = new WeakSet<LogStore>()

/** Writes the lines of one kit, a second later at most, and reads what all kits and pages have written. */
export class LogWriter implements LogKeeper {
  private readonly lines: LogLines
  private waiting: Waiting[] = []
  private waitingChars = 0
  private readonly unanswered = new Set<Batch>()
  private cancelNext: Cancel | undefined
  private writtenAt = -Infinity
  private failedAt = -Infinity
  private pieceCount = 0
  private leftPieces = 0
  private leftChars = 0
  /** Of another nothing is known of what was left there; and only what was gathered is ever forgotten. */
  private gatheredName: string | undefined
  private isLeaving = false
  private readonly stopListening: Cancel

  constructor(private readonly options: LogWriterOptions) {
    this.lines = new LogLines(options.id)
    this.stopListening = options.listen({
      hidden: () => this.writeAll(),
      leaving: () => {
        this.isLeaving = true
        this.writeAll()
      },
      back: () => {
        this.isLeaving = false
      },
    })
  }

  add(line: LogLine): void {
    const text = this.lines.textOf(line)
    if (text === undefined) return
    this.push({ text, bit: levelBits[line.level] })
    if (this.isStuck) this.complain('It does not answer')
    this.plan()
  }

  filterChanged(): void {
    const { filter } = this.options.book
    this.setWaiting(this.waiting.filter(({ bit }) => bit & filter))
  }

  async read(): Promise<string> {
    const { store, book } = this.options
    this.writeAll()
    const kept = await this.inTime(store.read(book.fileName))
    const unwritten = [...this.unanswered].flatMap(({ lines }) => lines)
    return inOrder([...(kept ?? []), ...[...unwritten, ...this.waiting].map(({ text }) => text)])
  }

  async clear(): Promise<void> {
    const { store, book } = this.options
    this.setWaiting([])
    await this.inTime(store.clear(book.fileName))
  }

  /** The page is not listened to any more. Lines that still come are written. */
  close(): void {
    this.stopListening()
    this.writeAll()
  }

  private get now(): number {
    return this.options.clock.now()
  }

  private get isStuck(): boolean {
    const [oldest] = this.unanswered
    return oldest !== undefined && this.now - oldest.since > PATIENCE_MS
  }

  /** Soon, and now if a second has passed: timers of a hidden page may take a minute. */
  private plan(): void {
    if (this.cancelNext || this.unanswered.size > 0 || this.waiting.length === 0) return
    if (this.now - this.failedAt < TRY_AGAIN_MS && !this.isLeaving) return
    const dueInMs = this.isLeaving ? 0 : this.writtenAt + WRITE_EVERY_MS - this.now
    if (dueInMs > 0) {
      this.cancelNext = this.options.clock.after(dueInMs, () => this.write())
      return
    }
    // With all else that this task has to say.
    this.cancelNext = () => undefined
    queueMicrotask(() => this.write())
  }

  private write(): void {
    this.cancelNext?.()
    this.cancelNext = undefined
    if (this.waiting.length > 0) this.put(this.take())
  }

  /** All at once, whatever the disk is doing. */
  private writeAll(): void {
    while (this.waiting.length > 0 && !this.isStuck) this.write()
  }

  private put(lines: readonly Waiting[]): void {
    const { store, book, id } = this.options
    const text = lines.map((line) => line.text).join('')
    const batch = { lines, since: this.now }
    const name = book.fileName
    this.writtenAt = this.now
    this.unanswered.add(batch)
    const piece = { time: this.now, writer: id, number: ++this.pieceCount, text }
    store.put(name, piece).then(
      () => this.written(batch, name, text.length),
      (error: unknown) => this.failed(batch, error),
    )
  }

  private written(batch: Batch, name: string, chars: number): void {
    this.unanswered.delete(batch)
    this.failedAt = -Infinity
    this.leftPieces += 1
    this.leftChars += chars
    const isDue = this.leftPieces > MAX_LEFT_PIECES || this.leftChars > MAX_LEFT_CHARS
    if (isDue || name !== this.gatheredName) this.gather(name)
    this.plan()
  }

  private failed(batch: Batch, error: unknown): void {
    this.unanswered.delete(batch)
    this.failedAt = this.now
    this.setWaiting([...batch.lines, ...this.waiting])
    this.complain(describeError(error))
  }

  private gather(name: string): void {
    const { store, book } = this.options
    this.gatheredName = name
    this.leftPieces = this.leftChars = 0
    store
      .gather(name, book.fileSize * KB, this.now)
      .catch((error: unknown) => this.complain(describeError(error)))
  }

  private complain(error: string): void {
    const { store, book } = this.options
    if (complainedOf.has(store)) return
    complainedOf.add(store)
    book.log('warn', 'The log cannot be kept on this machine: only its latest part is, in memory', { error })
  }

  private take(): readonly Waiting[] {
    let chars = 0
    const end = this.waiting.findIndex(({ text }, i) => (chars += text.length) > MAX_PIECE_CHARS && i > 0)
    const taken = this.waiting.slice(0, end < 0 ? undefined : end)
    this.setWaiting(this.waiting.slice(taken.length))
    return taken
  }

  private setWaiting(lines: readonly Waiting[]): void {
    this.waiting = []
    this.waitingChars = 0
    for (const line of lines) this.push(line)
  }

  private push(line: Waiting): void {
    this.waiting.push(line)
    this.waitingChars += line.text.length
    while (this.waitingChars > MAX_WAITING_CHARS) this.waitingChars -= this.waiting.shift()?.text.length ?? 0
  }

  /** Undefined if it fails, or takes too long. */
  private inTime<T>(answer: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve) => {
      const cancel = this.options.clock.after(PATIENCE_MS, () => resolve(undefined))
      const failed = (error: unknown): void => {
        this.complain(describeError(error))
        resolve(undefined)
      }
      void answer.then(resolve, failed).finally(cancel)
    })
  }
}
