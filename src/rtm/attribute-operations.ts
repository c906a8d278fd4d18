import { isChannelId, isUserId } from '../base/ids.ts'
import type { AttributeChange } from '../documents/attribute.ts'
import { problemOfChange, problemOfKeys } from './attribute-change.ts'
import type { RateLimits } from './limits.ts'
import type { OnlineSession } from './online-session.ts'
import type {
  ChannelReadOutcome,
  ChannelWriteOutcome,
  NotReady,
  UserReadOutcome,
  UserWriteOutcome,
} from './outcomes.ts'

/** What an engine does with attributes of users and channels, with its checks. */
export abstract class AttributeOperations {
  abstract readonly limits: RateLimits
  /** Who is logged in, or why nothing can be done. */
  protected abstract ready(): OnlineSession | NotReady

  /** Takes effect at once, or not at all. `change` is undefined for what is no list of attributes. */
  writeUserAttributes(change: AttributeChange | undefined, done: (outcome: UserWriteOutcome) => void): void {
    const ready = this.ready()
    if (ready === 'not-logged-in') return done(ready)
    const problem = change && problemOfChange(change)
    if (!change || problem) return done(problem ?? 'invalid-attributes')
    if (!this.limits.allow('writeUserAttributes')) return done('too-often')
    if (ready === 'aborted') return done(ready)
    done(ready.userAttributes.write(change))
  }

  /** All attributes, or, with `keys`, those of them that are there. */
  readUserAttributes(
    userId: unknown,
    keys: readonly string[] | undefined,
    done: (outcome: UserReadOutcome) => void,
  ): void {
    const ready = this.ready()
    if (ready === 'not-logged-in') return done(ready)
    if (!isUserId(userId)) return done('invalid-user-id')
    const problem = keys && problemOfKeys(keys)
    if (problem) return done(problem)
    if (!this.limits.allow('readUserAttributes')) return done('too-often')
    if (ready === 'aborted') return done(ready)
    ready.userAttributes.read(userId, keys, done)
  }

  /** The channel need not be joined. Its members are told if `notify` says so. */
  writeChannelAttributes(
    channelId: unknown,
    change: AttributeChange | undefined,
    notify: boolean,
    done: (outcome: ChannelWriteOutcome) => void,
  ): void {
    const ready = this.ready()
    if (ready === 'not-logged-in') return done(ready)
    if (!isChannelId(channelId)) return done('invalid-channel-id')
    const problem = change && problemOfChange(change)
    if (!change || problem) return done(problem ?? 'invalid-attributes')
    if (!this.limits.allow('writeChannelAttributes')) return done('too-often')
    if (ready === 'aborted') return done(ready)
    ready.channelAttributes.write(channelId, change, notify, done)
  }

  readChannelAttributes(
    channelId: unknown,
    keys: readonly string[] | undefined,
    done: (outcome: ChannelReadOutcome) => void,
  ): void {
    const ready = this.ready()
    if (ready === 'not-logged-in') return done(ready)
    if (!isChannelId(channelId)) return done('invalid-channel-id')
    const problem = keys && problemOfKeys(keys)
    if (problem) return done(problem)
    if (!this.limits.allow('readChannelAttributes')) return done('too-often')
    if (ready === 'aborted') return done(ready)
    ready.channelAttributes.read(channelId, keys, done)
  }
}
