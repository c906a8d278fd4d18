import type { Crypto } from '../base/crypto.ts'
import type { AppId, ChannelId } from '../base/ids.ts'
import type { Author } from '../mesh/trust.ts'
import { recordSigningInput, type SignedRecord } from '../protocol/attribute-record.ts'
import { MAX_AHEAD_MS } from './shown.ts'

export interface AuthorCheckOptions {
  readonly appId: AppId
  readonly channelId: ChannelId
  readonly crypto: Pick<Crypto, 'verify'>
  /** The author, if a server key that is accepted vouches for the credential, expired since or not. */
  verifyAuthor(credential: string): Promise<Author | undefined>
}

/**
 * The author of a record, if it is the user of the credential who signed it, while the credential was good or at
 * most 5 minutes after.
 */
export async function authorOf(
  record: SignedRecord,
  credential: string,
  options: AuthorCheckOptions,
): Promise<Author | undefined> {
  const author = await options.verifyAuthor(credential)
  if (author?.sessionId !== record.sessionId || author.credential.userId !== record.userId) return undefined
  if (record.clock > author.credential.expiresAt + MAX_AHEAD_MS) return undefined
  const { signingKey } = author.credential
  const input = recordSigningInput(options.appId, options.channelId, record)
  return (await options.crypto.verify(signingKey, input, record.signature)) ? author : undefined
}
