import type { Chunk, Part } from './part.ts'

/** Fetches a file from beside the first one; undefined if what came is no part. Rejects if nothing came. */
export type FetchPart = (fileAndQuery: string) => Promise<Part | undefined>

/**
 * Runs the chunks of parts that are here, each once, and fetches parts that are not. A part bears the name of the chunk
 * in it that is asked for from outside.
 */
export class Parts {
  private readonly chunks: Map<string, Chunk>
  private readonly modules = new Map<string, { exports: object }>()
  private readonly fetching = new Map<string, Promise<void>>()
  private attemptCount = 0

  constructor(
    private readonly own: Part,
    private readonly fetchPart: FetchPart,
  ) {
    this.chunks = new Map(Object.entries(own.chunks))
  }

  /** What the chunk exports, or a promise of that where its part is not here yet. */
  readonly require = (specifier: string): unknown => {
    const name = specifier.replace(/^\.\//, '')
    return this.chunks.has(name) ? this.run(name) : this.fetch(name).then(() => this.run(name))
  }

  private run(name: string): object {
    const module = this.modules.get(name)
    if (module) return module.exports
    const chunk = this.chunks.get(name)
    if (!chunk) throw new Error(`${name} is empty`)
    const fresh = { exports: {} }
    this.modules.set(name, fresh)
    try {
      chunk(this.require, fresh.exports, fresh)
    } catch (error) {
      this.modules.delete(name)
      throw error
    }
    return fresh.exports
  }

  /** Once for all that ask while it is on its way. What did not come can be asked for again. */
  private fetch(file: string): Promise<void> {
    const present = this.fetching.get(file)
    if (present) return present
    // A second time at once: most of what does not come is there a moment later.
    const fetching = this.fetchOnce(file)
      .catch(() => this.fetchOnce(file, `&again=${++this.attemptCount}`))
      .finally(() => this.fetching.delete(file))
    this.fetching.set(file, fetching)
    return fetching
  }

  /** The release is in the address, so that no cache answers with the file of an earlier one. */
  private async fetchOnce(file: string, again = ''): Promise<void> {
    const { build } = this.own
    const part = await this.fetchPart(`${file}?build=${build}${again}`)
    if (!part) throw new Error(`What came for ${file} is no part of agora-rtm.global.js; copy it there again`)
    if (part.build !== build)
      throw new Error(
        `${file} is of another release than agora-rtm.global.js; put all agora-rtm.*.js of one release together`,
      )
    for (const [name, chunk] of Object.entries(part.chunks)) this.chunks.set(name, chunk)
  }
}
