import type { Crypto } from '../base/crypto.ts'
import type { AppId, UserId } from '../base/ids.ts'
import type { LocalIdentity } from '../mesh/local-identity.ts'
import type { Environment } from './environment.ts'
import type { EngineParts } from './settings.ts'

/** What one login begins with. */
export interface OnlineSessionOptions {
  readonly environment: Environment
  readonly settings: EngineParts
  readonly crypto: Crypto
  readonly identity: LocalIdentity
  readonly appId: AppId
  readonly userId: UserId
  readonly token: string | null
}
