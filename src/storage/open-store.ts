import type { Clock } from '../base/clock.ts'
import type { AppId, UserId } from '../base/ids.ts'
import type { Log } from '../base/logger.ts'
import { Disk } from './disk.ts'
import { PageStore } from './page-store.ts'
import { migrations } from './schema.ts'
import type { Store } from './store.ts'

/** One per app and user, for the life of the page: what is only in memory is there again at the next login. */
const storeByName = new Map<string, Store>()

/** What this user of this app keeps on this machine: a database of its own. */
export function openStore(appId: AppId, userId: UserId, options: { clock: Clock; log: Log }): Store {
  const name = `rtm-mesh/${appId}/${userId}`
  const { clock, log } = options
  const store = storeByName.get(name) ?? new PageStore(new Disk(name, clock, log), migrations, log)
  storeByName.set(name, store)
  return store
}
