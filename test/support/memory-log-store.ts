import { type LogEnd, type LogPiece, type LogStore, nextEnd, partsOf } from '../../src/storage/log-store.ts'

interface Log {
  pieces: LogPiece[]
  files: Map<number, string[]>
  end: LogEnd | undefined
}

/** A disk in memory that can be broken, or fall silent. */
export class MemoryLogStore implements LogStore {
  failure: string | undefined
  isSilent = false
  private readonly logs = new Map<string, Log>()

  get names(): readonly string[] {
    return [...this.logs.keys()]
  }

  put(name: string, piece: LogPiece): Promise<void> {
    return this.answer(() => void this.log(name).pieces.push(piece))
  }

  gather(name: string, fileBytes: number, now: number): Promise<void> {
    return this.answer(() => {
      const log = this.log(name)
      for (const part of partsOf(inTurn(log.pieces))) {
        log.end = nextEnd(log.end, part.length, fileBytes, now)
        const { file } = log.end
        log.files.set(file, [...(log.files.get(file) ?? []), part])
        log.files.delete(file - 2)
      }
      log.pieces = []
    })
  }

  read(name: string): Promise<readonly string[]> {
    return this.answer(() => {
      const { files, pieces } = this.log(name)
      return [...[...files.values()].flat(), ...inTurn(pieces)]
    })
  }

  clear(name: string): Promise<void> {
    return this.answer(() => void this.logs.delete(name))
  }

  private log(name: string): Log {
    const log = this.logs.get(name) ?? { pieces: [], files: new Map(), end: undefined }
    this.logs.set(name, log)
    return log
  }

  private answer<T>(run: () => T): Promise<T> {
    if (this.isSilent) return new Promise(() => undefined)
    return this.failure === undefined ? Promise.resolve(run()) : Promise.reject(new Error(this.failure))
  }
}

function inTurn(pieces: readonly LogPiece[]): readonly string[] {
  const keys: readonly (keyof LogPiece)[] = ['time', 'writer', 'number']
  const order = (a: LogPiece, b: LogPiece): number =>
    keys.map((key) => Number(a[key]) - Number(b[key])).find((difference) => difference !== 0) ?? 0
  return [...pieces].sort(order).map(({ text }) => text)
}
