import type { Bytes } from '../base/bytes.ts'
import type { Crypto } from '../base/crypto.ts'
import type { AppId, ChannelId } from '../base/ids.ts'
import type { Author } from '../mesh/trust.ts'
import { recordSigningInput, type SignedRecord } from '../protocol/attribute-record.ts'
import { MAX_AHEAD_MS } from './shown.ts'

export interface AuthorCheckOptions {
  readonly appId: AppId
  readonly channelId: ChannelId
  readonly crypto: Pick<Crypto, 'verify'>
  /** Who a credential is about, if a key vouches for it that is known or among the further ones; expired or not. */
  verifyAuthor(credential: string, furtherKeys: ReadonlyMap<string, Bytes>): Promise<Author | undefined>
}

/** Authors that are remembered, so that each of their records costs one signature and not two. */
const MAX_AUTHORS = 512

/** Finds the authors of records, by the server keys that this session knows and those that the document was kept with. */
export class AuthorCheck {
  private readonly keys = new Map<string, Bytes>()
  private readonly authors = new Map<string, Author>()

  constructor(private readonly options: AuthorCheckOptions) {}

  /** Keys that count here beside those that this session knows, by their ids in hexadecimal. */
  get keyIds(): Iterable<string> {
    return this.keys.keys()
  }

  accept(keys: ReadonlyMap<string, Bytes>): void {
    for (const [keyId, key] of keys) this.keys.set(keyId, key)
  }

  /** What is needed to verify these records again, in another page. */
  keysOf(records: Iterable<{ readonly author: Author }>): ReadonlyMap<string, Bytes> {
    return new Map([...records].map(({ author }) => [author.keyId, author.serverKey]))
  }

  async verify(credential: string): Promise<Author | undefined> {
    const known = this.authors.get(credential)
    if (known) return known
    const author = await this.options.verifyAuthor(credential, this.keys)
    if (author) this.authors.set(credential, author)
    for (const oldest of this.authors.keys()) {
      if (this.authors.size <= MAX_AUTHORS) break
      this.authors.delete(oldest)
    }
    return author
  }

  /**
   * The author of a record, if it is the user of the credential who signed it, while the credential was good or at
   * most 5 minutes after.
   */
  async authorOf(record: SignedRecord, credential: string): Promise<Author | undefined> {
    const author = await this.verify(credential)
    if (author?.sessionId !== record.sessionId || author.credential.userId !== record.userId) return undefined
    if (record.clock > author.credential.expiresAt + MAX_AHEAD_MS) return undefined
    const input = recordSigningInput(this.options.appId, this.options.channelId, record)
    const isSigned = await this.options.crypto.verify(author.credential.signingKey, input, record.signature)
    return isSigned ? author : undefined
  }
}
