import { describeError } from '../base/logger.ts'
import type { Environment } from './environment.ts'

export type Documents = Awaited<ReturnType<Environment['loadDocuments']>>

/** Shared documents are loaded once; after a load that failed, by the next call that needs them. */
export class DocumentLoader {
  private loading: Promise<Documents | undefined> | undefined

  constructor(private readonly environment: Pick<Environment, 'loadDocuments' | 'log'>) {}

  /** Undefined if they cannot be loaded now; the log says why. */
  load(): Promise<Documents | undefined> {
    this.loading ??= this.tryToLoad()
    return this.loading
  }

  private async tryToLoad(): Promise<Documents | undefined> {
    try {
      return await this.environment.loadDocuments()
    } catch (error) {
      this.loading = undefined
      this.environment.log('warn', 'The part of the library that keeps attributes could not be loaded', {
        error: describeError(error),
      })
      return undefined
    }
  }
}
