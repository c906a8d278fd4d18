import type { Clock } from '../base/clock.ts'
import {
  consoleLog,
  describeError,
  levelBits,
  type Log,
  type LogDetails,
  type LogLevel,
} from '../base/logger.ts'
import type { FailureReason } from './sentences.ts'

export interface LogLine {
  readonly time: number
  readonly level: LogLevel
  readonly sentence: string
  readonly details: LogDetails | undefined
  /** Who is logged in, or logging in. */
  readonly who: Who | undefined
}

export interface Who {
  readonly user: string
  readonly session: string
}

/** What keeps the lines: a file of its own. */
export interface LogKeeper {
  add(line: LogLine): void
  /** Lines that wait and do not pass the filter any more are not written. */
  filterChanged(): void
  /** All that is kept under the present name, by any kit, the oldest line first. */
  read(): Promise<string>
  clear(): Promise<void>
  close(): void
}

/** A file of its own, as a page has to do other things first. */
export interface LogFile {
  keeper(book: Logbook): LogKeeper
  readonly sentences: Readonly<Record<FailureReason, string>>
}

/** All that a kit does in its first seconds; of more the latest. */
const MAX_EARLY_LINES = 1_000
/** Between two attempts to load what keeps the lines; each costs the browser some memory. */
const ASK_AGAIN_MS = 30_000

/** The log of one kit: what passes its filter is kept on this machine, and what passes the other is in the console. */
export class Logbook {
  /** The bits of the levels that are kept: all. */
  filter = 15
  /** The bits of the levels that the console shows: warnings and worse. */
  consoleFilter = 14
  /** Lines that were not written yet go to a new one as well. */
  fileName = 'agorartm.log'
  /** Of each of the two files, in KB. */
  fileSize = 10_240
  who: () => Who | undefined = () => undefined
  private early: LogLine[] = []
  private keeper: LogKeeper | undefined
  private loading: Promise<LogFile | undefined> | undefined
  private sentences: LogFile['sentences'] | undefined
  private askedAt = -Infinity
  private isClosed = false

  constructor(
    private readonly clock: Clock,
    /** Rejects if it cannot be loaded now. */
    private readonly loadFile: () => Promise<LogFile>,
  ) {
    void this.load()
  }

  readonly log: Log = (level, sentence, details) => {
    const bit = levelBits[level]
    if (this.consoleFilter & bit) consoleLog(level, sentence, details)
    if (this.filter & bit) this.keep({ time: this.clock.now(), level, sentence, details, who: this.who() })
  }

  setFilter(filter: number): void {
    this.filter = filter
    this.early = this.early.filter(({ level }) => filter & levelBits[level])
    this.keeper?.filterChanged()
  }

  /** Empty if what keeps the lines cannot be loaded. */
  async read(): Promise<string> {
    await this.load()
    return this.keeper?.read() ?? ''
  }

  async clear(): Promise<void> {
    this.early = []
    await this.load()
    await this.keeper?.clear()
  }

  /** What a reason means and what to do about it, where that is loaded: calls do not wait for it. */
  sentenceOf(reason: FailureReason): string | undefined {
    return this.sentences?.[reason]
  }

  /** The same as soon as it is loaded; the reason itself where it could not be. */
  async explain(reason: FailureReason): Promise<string> {
    return (await this.loading)?.sentences[reason] ?? reason
  }

  close(): void {
    this.isClosed = true
    this.keeper?.close()
  }

  private keep(line: LogLine): void {
    if (this.keeper) return this.keeper.add(line)
    this.early.push(line)
    if (this.early.length > MAX_EARLY_LINES) this.early.shift()
    if (line.time - this.askedAt > ASK_AGAIN_MS) void this.load()
  }

  private load(): Promise<unknown> {
    this.askedAt = this.clock.now()
    this.loading ??= this.loadFile().then(
      (file) => this.begin(file),
      (error: unknown) => {
        this.loading = undefined
        const sentence = 'The part of the library that keeps the log could not be loaded'
        this.log('warn', sentence, { error: describeError(error) })
        return undefined
      },
    )
    return this.loading
  }

  private begin(file: LogFile): LogFile {
    const keeper = file.keeper(this)
    for (const line of this.early) keeper.add(line)
    this.early = []
    this.keeper = keeper
    this.sentences = file.sentences
    if (this.isClosed) keeper.close()
    return file
  }
}
