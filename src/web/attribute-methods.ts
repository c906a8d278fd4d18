import type { AttributeChange } from '../documents/attribute.ts'
import {
  type AttributesMap,
  attributesMapOf,
  type ChannelAttributeOptions,
  type ChannelAttributes,
  channelAttributesOf,
  changeTo,
  deletionOf,
  keysOf,
} from './attributes.ts'
import { call, type MethodContext } from './calls.ts'
import { attributeCodes } from './codes.ts'
import { RtmEmitter } from './emitter.ts'
import type { RtmClientEvents } from './events.ts'

/**
 * The attribute methods of a client. They reject with an `RtmError` whose code is one of
 * `RtmErrorCode.AttributeOperationError`.
 *
 * A key has visible characters, at least one, and a value is a text that is not empty (INVALID_ARGUMENT). A key has 32
 * bytes at most, a value 8 KB of UTF-8 (SIZE_OVERFLOW). A call that is refused changes nothing. Nobody logged in: USER_NOT_LOGGED_IN, unless
 * an argument is wrong. A part of the library that keeps attributes is loaded after the login; calls reject with
 * FAILURE if that was not possible, and try it again.
 */
export abstract class AttributeMethods extends RtmEmitter<RtmClientEvents> {
  /** @internal A function, so that a framework that wraps this object in a Proxy does not wrap what is behind it. */
  protected abstract readonly internals: () => MethodContext

  /**
   * Replaces all attributes of this user, with an empty object by none. They are kept in this page, through lost
   * connections, until the logout; others read them from here while this user is online.
   *
   * Limits: 32 attributes, 16 KB in all with their keys (SIZE_OVERFLOW); 10 calls in 5 s of the four that change the
   * own attributes (TOO_OFTEN).
   */
  setLocalUserAttributes(attributes: AttributesMap): Promise<void> {
    return writeUser(this.internals(), 'setLocalUserAttributes', changeTo('set', 'user', attributes))
  }

  /** Adds attributes to those of this user, or gives them new values. Limits as of `setLocalUserAttributes`; at least one. */
  addOrUpdateLocalUserAttributes(attributes: AttributesMap): Promise<void> {
    const change = changeTo('update', 'user', attributes)
    return writeUser(this.internals(), 'addOrUpdateLocalUserAttributes', change)
  }

  /** Deletes the attributes of this user that have these keys; keys that are not there do no harm. No empty list. */
  deleteLocalUserAttributesByKeys(attributeKeys: string[]): Promise<void> {
    return writeUser(this.internals(), 'deleteLocalUserAttributesByKeys', deletionOf(attributeKeys))
  }

  /** Deletes all attributes of this user. */
  clearLocalUserAttributes(): Promise<void> {
    return writeUser(this.internals(), 'clearLocalUserAttributes', { kind: 'clear' })
  }

  /**
   * All attributes of a user, this one or another. Another one's page is asked for them, so it must be online
   * (USER_NOT_FOUND) and answer within 5 s (TIMEOUT).
   *
   * Limit: 40 calls in 5 s together with `getUserAttributesByKeys` (TOO_OFTEN).
   */
  getUserAttributes(userId: string): Promise<AttributesMap> {
    return readUser(this.internals(), 'getUserAttributes', userId, undefined)
  }

  /** The attributes of a user that have these keys, as `getUserAttributes`; what is not there is left out. No empty list. */
  getUserAttributesByKeys(userId: string, attributeKeys: string[]): Promise<AttributesMap> {
    return readUser(this.internals(), 'getUserAttributesByKeys', userId, keysOf(attributeKeys))
  }

  /**
   * Replaces all attributes of a channel, which need not be joined, with an empty object by none. Of several users who
   * write at the same time the last one counts. Resolves when another page has it, or nobody else is there; after a
   * TIMEOUT (5 s) it may still take effect. They are kept by those who are in the channel and, when all have left, on
   * their machines for a day; the cloud keeps them for some minutes.
   *
   * Limits: 32 attributes, 32 KB in all with their keys (SIZE_OVERFLOW); 10 calls in 5 s of the four that change a
   * channel's attributes (TOO_OFTEN).
   */
  setChannelAttributes(
    channelId: string,
    attributes: AttributesMap,
    options?: ChannelAttributeOptions,
  ): Promise<void> {
    const change = changeTo('set', 'channel', attributes)
    return writeChannel(this.internals(), 'setChannelAttributes', channelId, change, options)
  }

  /** Adds attributes to those of a channel, or gives them new values. Otherwise as `setChannelAttributes`; at least one. */
  addOrUpdateChannelAttributes(
    channelId: string,
    attributes: AttributesMap,
    options?: ChannelAttributeOptions,
  ): Promise<void> {
    const change = changeTo('update', 'channel', attributes)
    return writeChannel(this.internals(), 'addOrUpdateChannelAttributes', channelId, change, options)
  }

  /** Deletes the attributes of a channel that have these keys; keys that are not there do no harm. No empty list. */
  deleteChannelAttributesByKeys(
    channelId: string,
    attributeKeys: string[],
    options?: ChannelAttributeOptions,
  ): Promise<void> {
    const change = deletionOf(attributeKeys)
    return writeChannel(this.internals(), 'deleteChannelAttributesByKeys', channelId, change, options)
  }

  /** Deletes all attributes of a channel. */
  clearChannelAttributes(channelId: string, options?: ChannelAttributeOptions): Promise<void> {
    return writeChannel(this.internals(), 'clearChannelAttributes', channelId, { kind: 'clear' }, options)
  }

  /**
   * All attributes of a channel, which need not be joined, with who wrote each last and when. TIMEOUT 5 s.
   *
   * Limit: 10 calls in 5 s together with `getChannelAttributesByKeys` (TOO_OFTEN).
   */
  getChannelAttributes(channelId: string): Promise<ChannelAttributes> {
    return readChannel(this.internals(), 'getChannelAttributes', channelId, undefined)
  }

  /** The attributes of a channel that have these keys, as `getChannelAttributes`; what is not there is left out. No empty list. */
  getChannelAttributesByKeys(channelId: string, keys: string[]): Promise<ChannelAttributes> {
    return readChannel(this.internals(), 'getChannelAttributesByKeys', channelId, keysOf(keys))
  }
}

/** What is asked for, or what is wrong with it. */
type Asked<Right> = Right | 'invalid-attributes' | 'invalid-keys' | 'size-overflow'

function writeUser(context: MethodContext, method: string, change: Asked<AttributeChange>): Promise<void> {
  return call(context, method, attributeCodes, (engine, answer) => {
    if (typeof change === 'string') return answer.failed(change)
    engine.writeUserAttributes(change, (outcome) => (outcome === 'ok' ? answer.ok() : answer.failed(outcome)))
  })
}

function readUser(
  context: MethodContext,
  method: string,
  userId: string,
  keys: Asked<readonly string[]> | undefined,
): Promise<AttributesMap> {
  return call(context, method, attributeCodes, (engine, answer) => {
    if (typeof keys === 'string') return answer.failed(keys)
    engine.readUserAttributes(userId, keys, (outcome) =>
      typeof outcome === 'string' ? answer.failed(outcome) : answer.ok(attributesMapOf(outcome)),
    )
  })
}

function writeChannel(
  context: MethodContext,
  method: string,
  channelId: string,
  change: Asked<AttributeChange>,
  options: ChannelAttributeOptions | undefined,
): Promise<void> {
  return call(context, method, attributeCodes, (engine, answer) => {
    if (typeof change === 'string') return answer.failed(change)
    const notify = options?.enableNotificationToChannelMembers === true
    engine.writeChannelAttributes(channelId, change, notify, (outcome) =>
      outcome === 'ok' ? answer.ok() : answer.failed(outcome),
    )
  })
}

function readChannel(
  context: MethodContext,
  method: string,
  channelId: string,
  keys: Asked<readonly string[]> | undefined,
): Promise<ChannelAttributes> {
  return call(context, method, attributeCodes, (engine, answer) => {
    if (typeof keys === 'string') return answer.failed(keys)
    engine.readChannelAttributes(channelId, keys, (outcome) =>
      typeof outcome === 'string' ? answer.failed(outcome) : answer.ok(channelAttributesOf(outcome)),
    )
  })
}
