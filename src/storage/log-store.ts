/** What was written at once: at most 64 KB of lines. The three numbers are never the same twice. */
export interface LogPiece {
  readonly time: number
  /** Who wrote it: a number of its own for each kit. */
  readonly writer: number
  readonly number: number
  readonly text: string
}

/**
 * The logs of this browser, under their names. Each is two files: the latest, and the one before. Who writes leaves
 * pieces, without a look at what is there, so that pages that end can still do so; and now and then somebody gathers
 * what all have left into the files. Every operation may reject, or never settle.
 */
export interface LogStore {
  put(name: string, piece: LogPiece): Promise<void>
  /** Into the latest file; when that would have more than `fileBytes`, into a new one, and only the one before stays. */
  gather(name: string, fileBytes: number, now: number): Promise<void>
  /** In the order in which it was written, the latest 64 MB at most. */
  read(name: string): Promise<readonly string[]>
  clear(name: string): Promise<void>
}

/** The latest file of a log, and where its end is. */
export interface LogEnd {
  readonly file: number
  /** Of the last part. */
  readonly part: number
  readonly bytes: number
  readonly time: number
}

/** Where the next part goes. */
export function nextEnd(end: LogEnd | undefined, bytes: number, fileBytes: number, time: number): LogEnd {
  if (!end) return { file: 0, part: 0, bytes, time }
  const isFull = end.bytes + bytes > fileBytes
  if (isFull) return { file: end.file + 1, part: 0, bytes, time }
  return { file: end.file, part: end.part + 1, bytes: end.bytes + bytes, time }
}

/** As few parts as possible, none of them much larger than one piece may be. */
export function partsOf(pieces: readonly string[]): readonly string[] {
  const parts: string[] = []
  let part = ''
  for (const piece of pieces) {
    if (part !== '' && part.length + piece.length > MAX_PART_CHARS) {
      parts.push(part)
      part = ''
    }
    part += piece
  }
  return part === '' ? parts : [...parts, part]
}

const MAX_PART_CHARS = 64 * 1024
