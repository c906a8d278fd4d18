let attemptCount = 0

/** A file of the library that a page loads when it is needed; once for all kits of the page. */
export class LazyFile<File> {
  private loading: Promise<File> | undefined

  /** `isFile` looks at what came when the file had to be fetched under another URL. */
  constructor(
    private readonly fetchFile: () => Promise<File>,
    private readonly isFile: (file: object) => boolean,
  ) {}

  /** Rejects if it cannot be loaded now; the next call tries again. */
  load(): Promise<File> {
    this.loading ??= this.tryToLoad().catch((error: unknown) => {
      this.loading = undefined
      throw error
    })
    return this.loading
  }

  /**
   * Browsers remember for the life of a page that a file could not be fetched, and do not fetch it again; under
   * another URL they do. Chromium and Firefox name the file in the error. Where none is named, or a bundler has made
   * something else of it, asking once more must do.
   */
  private async tryToLoad(): Promise<File> {
    try {
      return await this.fetchFile()
    } catch (error) {
      const [address] = /https?:[^\s)]+/.exec(String(error)) ?? []
      if (address === undefined) throw error
      const url = new URL(address)
      url.searchParams.set('again', String(++attemptCount))
      const again: unknown = await import(/* @vite-ignore */ /* webpackIgnore: true */ url.href)
      if (typeof again !== 'object' || again === null || !this.isFile(again)) throw error
      return again as File
    }
  }
}
