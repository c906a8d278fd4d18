import { consoleLog, levelBits } from '../base/logger.ts'
import type { Engine } from '../rtm/engine.ts'
import type { Logbook } from '../rtm/logbook.ts'
import { version } from '../version.ts'
import { parseParameters } from './parameters.ts'
import { PresenceMethods } from './presence-methods.ts'
import { AgoraRtmLogFilter } from './states.ts'

/** In KB: 512 KB and 1 GB, from the API. */
const [MIN_FILE_SIZE, MAX_FILE_SIZE] = [512, 1_048_576]

/** What a file system takes as a path, more or less: no control characters, no halves of characters, 1,024 at most. */
const FILE_NAME = /^[^\p{Cc}\p{Cs}]{1,1024}$/u

const { Off, Critical, Error, Warn, Info } = AgoraRtmLogFilter
/** `Mask` is reserved. */
const FILTERS: ReadonlySet<unknown> = new Set([Off, Critical, Error, Warn, Info])

/**
 * The log methods of a kit, and what else a program may call at any time, logged in or not.
 *
 * Each kit writes what it does into a log in this browser (IndexedDB): logins, connection states, servers, links,
 * channels, failed calls. A line is a JSON object. It has user and channel ids, and never what a message or an
 * attribute says, nor a token. Lines are on the disk after a second at most; a page that crashes loses those of its
 * last second. Several kits and tabs may write to the same name. Where nothing can be kept, the latest lines are in
 * memory, 1 MB at most.
 *
 * Methods that return a number answer 0 when it is done, else 1, with a sentence in the console; nothing has changed
 * then. After `destroy` they answer 1.
 */
export abstract class LogMethods extends PresenceMethods {
  /** The version of this library. */
  static getSDKVersion(): string {
    return version
  }

  /**
   * The name of the log; `agorartm.log` if it is never set. Any path or name of 1 to 1,024 visible characters: it names
   * an entry in this browser, not a file. Lines that were not written yet go there too: all of them, when it is called
   * right after the kit was made. Of a page's origin, the 8 logs are kept that were written to last.
   */
  setLogFile(logFile: string): number {
    const isName = typeof logFile === 'string' && FILE_NAME.test(logFile)
    if (!isName) return this.refuse('setLogFile needs a name of 1 to 1,024 visible characters')
    return this.change((_, logbook) => (logbook.fileName = logFile))
  }

  /**
   * How large each of the two files of a log may become, in KB: a whole number from 512 to 1,048,576 (1 GB); 10,240 if
   * it is never set. When the latest has that size, a new one is begun, and of the others only the one before is kept.
   */
  setLogFileSize(fileSize: number): number {
    const isSize = Number.isInteger(fileSize) && fileSize >= MIN_FILE_SIZE && fileSize <= MAX_FILE_SIZE
    if (!isSize) return this.refuse('setLogFileSize needs a whole number of KB from 512 to 1,048,576 (1 GB)')
    return this.change((_, logbook) => (logbook.fileSize = fileSize))
  }

  /**
   * Which lines are written from now on: `Off`, `Critical`, `Error`, `Warn` or `Info`, each with those before it;
   * `Info` if it is never set. `Mask` is reserved. What the console shows is `consoleLog` of `setParameters`.
   */
  setLogFilters(filter: AgoraRtmLogFilter): number {
    if (!FILTERS.has(filter)) return this.refuse('setLogFilters needs Off, Critical, Error, Warn or Info')
    return this.change((_, logbook) => logbook.setFilter(filter))
  }

  /**
   * The log as text, the oldest line first: what is kept under its name, the latest 64 MB at most. Empty if the part of
   * the library that reads it cannot be loaded; never rejects. Not in the API of the cloud service.
   */
  readLog(): Promise<string> {
    return this.internals().logbook.read()
  }

  /** Deletes what is kept under the name of the log, by whichever kit. Not in the API of the cloud service. */
  clearLog(): Promise<void> {
    return this.internals().logbook.clear()
  }

  /**
   * Options as the text of a JSON object, effective at once; those that are left out stay as they are. 0: done. 1, with
   * a sentence in the console: this is no such text, has an option that is not known, or one of another type or range;
   * then nothing of it was done.
   *
   * - `rateLimits`: false switches off the limits on how often methods may be called; true if it is never set.
   * - `channelAttributesTtl`: for how many seconds this machine keeps the attributes of a channel after a member was
   *   last seen in it, 0 to 2,592,000 (30 days); 86,400 (a day) if it is never set.
   * - `consoleLog`: what this kit says in the console, `"off"`, `"error"`, `"warn"` or `"info"`, each with those before
   *   it; `"warn"` if it is never set.
   */
  setParameters(parameters: string): number {
    const parsed = parseParameters(parameters)
    if (typeof parsed === 'string') return this.refuse(parsed)
    const { rateLimits, channelAttributesTtl, consoleLog: consoleFilter } = parsed
    return this.change((engine, logbook) => {
      if (rateLimits !== undefined) engine.limits.areOn = rateLimits
      if (channelAttributesTtl !== undefined) engine.channelAttributesTtlMs = channelAttributesTtl * 1_000
      if (consoleFilter !== undefined) logbook.consoleFilter = consoleFilter
    })
  }

  private change(make: (engine: Engine, logbook: Logbook) => unknown): number {
    const { engine, logbook } = this.internals()
    if (!engine) return this.refuse('The kit was destroyed; nothing was changed')
    make(engine, logbook)
    return 0
  }

  /** The sentence may say what was given: so it is for the console, and not for the log. */
  private refuse(sentence: string): number {
    if (this.internals().logbook.consoleFilter & levelBits.error) consoleLog('error', sentence)
    return 1
  }
}
