import type { AttributeChange } from '../documents/attribute.ts'
import {
  type AgoraRtmAttribute,
  type AgoraRtmChannelAttribute,
  type AgoraRtmChannelAttributeOptions,
  type AgoraRtmGetChannelAttributesResult,
  type AgoraRtmGetUserAttributesResult,
  changeTo,
  channelAttributesOf,
  keysOf,
  userAttributesOf,
} from './attribute.ts'
import { processAttributeCodes } from './codes.ts'
import { AgoraRtmProcessAttributeErrorCode } from './error-codes.ts'
import type { MethodContext } from './method-context.ts'

/** @inline */
type CodeCompletion = ((errorCode: AgoraRtmProcessAttributeErrorCode) => void) | null
/** @inline */
type UserCompletion =
  | ((
      attributes: AgoraRtmAttribute[] | null,
      userId: string,
      errorCode: AgoraRtmProcessAttributeErrorCode,
    ) => void)
  | null
/** @inline */
type ChannelCompletion =
  | ((attributes: AgoraRtmChannelAttribute[] | null, errorCode: AgoraRtmProcessAttributeErrorCode) => void)
  | null

/**
 * The attribute methods of a kit.
 *
 * A key has 1 to 32 bytes of visible characters, a value is a text that is not empty (InvalidArgument), of at most
 * 8 KB of UTF-8 (SizeOverflow). Of several attributes with one key in a call the last one counts. A call that is
 * refused changes nothing. Nobody logged in: NotLoggedIn. A part of the library that keeps attributes is loaded
 * after the login; calls answer Failure if that was not possible, and try it again.
 */
export abstract class AttributeMethods {
  /** @internal */
  protected abstract readonly internals: () => MethodContext

  /**
   * Replaces all attributes of this user, with an empty list by none. They are kept in this page, through lost
   * connections, until the logout; others read them from here while this user is online.
   *
   * Limits: 32 attributes, 16 KB in all with their keys (SizeOverflow); 10 calls in 5 s of the four that change the
   * own attributes (TooOften).
   */
  setLocalUserAttributes(
    attributes: readonly AgoraRtmAttribute[],
    completion?: CodeCompletion,
  ): Promise<AgoraRtmProcessAttributeErrorCode> {
    return writeUser(this.internals(), 'setLocalUserAttributes', changeTo('set', attributes), completion)
  }

  /** Adds attributes to those of this user, or gives them new values. Limits as of `setLocalUserAttributes`; no empty list. */
  addOrUpdateLocalUserAttributes(
    attributes: readonly AgoraRtmAttribute[],
    completion?: CodeCompletion,
  ): Promise<AgoraRtmProcessAttributeErrorCode> {
    const change = changeTo('update', attributes)
    return writeUser(this.internals(), 'addOrUpdateLocalUserAttributes', change, completion)
  }

  /** Deletes the attributes of this user that have these keys; keys that are not there do no harm. No empty list. */
  deleteLocalUserAttributesByKeys(
    keys: readonly string[],
    completion?: CodeCompletion,
  ): Promise<AgoraRtmProcessAttributeErrorCode> {
    const change: AttributeChange = { kind: 'delete', keys: keysOf(keys) }
    return writeUser(this.internals(), 'deleteLocalUserAttributesByKeys', change, completion)
  }

  /** Deletes all attributes of this user. */
  clearLocalUserAttributes(completion?: CodeCompletion): Promise<AgoraRtmProcessAttributeErrorCode> {
    return writeUser(this.internals(), 'clearLocalUserAttributes', { kind: 'clear' }, completion)
  }

  /**
   * All attributes of a user, this one or another. Another one's page is asked for them, so it must be online
   * (UserNotFound) and answer within 5 s (Timeout).
   *
   * Limit: 40 calls in 5 s together with `getUserAttributesByKeys` (TooOften).
   */
  getUserAttributes(userId: string, completion?: UserCompletion): Promise<AgoraRtmGetUserAttributesResult> {
    return readUser(this.internals(), 'getUserAttributes', userId, undefined, completion)
  }

  /** The attributes of a user that have these keys, as `getUserAttributes`; what is not there is left out. No empty list. */
  getUserAttributesByKeys(
    userId: string,
    keys: readonly string[],
    completion?: UserCompletion,
  ): Promise<AgoraRtmGetUserAttributesResult> {
    return readUser(this.internals(), 'getUserAttributesByKeys', userId, keysOf(keys), completion)
  }

  /**
   * Replaces all attributes of a channel, which need not be joined, with an empty list by none. Of several users who
   * write at the same time the last one counts. Ok: another page has it, or nobody else is there; after a Timeout
   * (5 s) it may still take effect. They are kept by those who are in the channel and, when all have left, on their
   * machines for as long as `setParameters` says; the cloud keeps them for some minutes.
   *
   * Limits: 32 attributes, 32 KB in all with their keys (SizeOverflow); 10 calls in 5 s of the four that change a
   * channel's attributes (TooOften).
   */
  setChannelAttributes(
    channelId: string,
    attributes: readonly AgoraRtmAttribute[],
    options?: AgoraRtmChannelAttributeOptions | null,
    completion?: CodeCompletion,
  ): Promise<AgoraRtmProcessAttributeErrorCode> {
    const change = changeTo('set', attributes)
    return writeChannel(this.internals(), 'setChannelAttributes', channelId, change, options, completion)
  }

  /** Adds attributes to those of a channel, or gives them new values. Otherwise as `setChannelAttributes`; no empty list. */
  addOrUpdateChannelAttributes(
    channelId: string,
    attributes: readonly AgoraRtmAttribute[],
    options?: AgoraRtmChannelAttributeOptions | null,
    completion?: CodeCompletion,
  ): Promise<AgoraRtmProcessAttributeErrorCode> {
    const change = changeTo('update', attributes)
    const method = 'addOrUpdateChannelAttributes'
    return writeChannel(this.internals(), method, channelId, change, options, completion)
  }

  /** Deletes the attributes of a channel that have these keys; keys that are not there do no harm. No empty list. */
  deleteChannelAttributesByKeys(
    channelId: string,
    keys: readonly string[],
    options?: AgoraRtmChannelAttributeOptions | null,
    completion?: CodeCompletion,
  ): Promise<AgoraRtmProcessAttributeErrorCode> {
    const change: AttributeChange = { kind: 'delete', keys: keysOf(keys) }
    const method = 'deleteChannelAttributesByKeys'
    return writeChannel(this.internals(), method, channelId, change, options, completion)
  }

  /** Deletes all attributes of a channel. */
  clearChannelAttributes(
    channelId: string,
    options?: AgoraRtmChannelAttributeOptions | null,
    completion?: CodeCompletion,
  ): Promise<AgoraRtmProcessAttributeErrorCode> {
    const method = 'clearChannelAttributes'
    return writeChannel(this.internals(), method, channelId, { kind: 'clear' }, options, completion)
  }

  /**
   * All attributes of a channel, which need not be joined, with who wrote each last and when. Timeout 5 s.
   *
   * Limit: 10 calls in 5 s together with `getChannelAttributesByKeys` (TooOften).
   */
  getChannelAttributes(
    channelId: string,
    completion?: ChannelCompletion,
  ): Promise<AgoraRtmGetChannelAttributesResult> {
    return readChannel(this.internals(), 'getChannelAttributes', channelId, undefined, completion)
  }

  /** The attributes of a channel that have these keys, as `getChannelAttributes`; what is not there is left out. No empty list. */
  getChannelAttributesByKeys(
    channelId: string,
    keys: readonly string[],
    completion?: ChannelCompletion,
  ): Promise<AgoraRtmGetChannelAttributesResult> {
    return readChannel(this.internals(), 'getChannelAttributesByKeys', channelId, keysOf(keys), completion)
  }
}

function writeUser(
  { callbacks, engine, failures }: MethodContext,
  method: string,
  change: AttributeChange | undefined,
  completion: CodeCompletion | undefined,
): Promise<AgoraRtmProcessAttributeErrorCode> {
  return callbacks.answer(completion, (done) => {
    if (!engine) return done(AgoraRtmProcessAttributeErrorCode.NotInitialized)
    engine.writeUserAttributes(change, (outcome) =>
      done(processAttributeCodes[failures.told(method, outcome)]),
    )
  })
}

function readUser(
  { callbacks, engine, failures }: MethodContext,
  method: string,
  userId: string,
  keys: readonly string[] | undefined,
  completion: UserCompletion | undefined,
): Promise<AgoraRtmGetUserAttributesResult> {
  const block =
    completion &&
    ((answer: AgoraRtmGetUserAttributesResult) =>
      completion(answer.attributes, answer.userId, answer.errorCode))
  return callbacks.answer(block, (done) => {
    const failed = (errorCode: AgoraRtmProcessAttributeErrorCode) =>
      done({ attributes: null, userId, errorCode })
    if (!engine) return failed(AgoraRtmProcessAttributeErrorCode.NotInitialized)
    engine.readUserAttributes(userId, keys, (outcome) => {
      if (typeof outcome === 'string') return failed(processAttributeCodes[failures.told(method, outcome)])
      const attributes = userAttributesOf(outcome)
      done({ attributes, userId, errorCode: AgoraRtmProcessAttributeErrorCode.Ok })
    })
  })
}

function writeChannel(
  { callbacks, engine, failures }: MethodContext,
  method: string,
  channelId: string,
  change: AttributeChange | undefined,
  options: AgoraRtmChannelAttributeOptions | null | undefined,
  completion: CodeCompletion | undefined,
): Promise<AgoraRtmProcessAttributeErrorCode> {
  return callbacks.answer(completion, (done) => {
    if (!engine) return done(AgoraRtmProcessAttributeErrorCode.NotInitialized)
    const notify = options?.enableNotificationToChannelMembers === true
    engine.writeChannelAttributes(channelId, change, notify, (outcome) =>
      done(processAttributeCodes[failures.told(method, outcome)]),
    )
  })
}

function readChannel(
  { callbacks, engine, failures }: MethodContext,
  method: string,
  channelId: string,
  keys: readonly string[] | undefined,
  completion: ChannelCompletion | undefined,
): Promise<AgoraRtmGetChannelAttributesResult> {
  const block =
    completion &&
    (({ attributes, errorCode }: AgoraRtmGetChannelAttributesResult) => completion(attributes, errorCode))
  return callbacks.answer(block, (done) => {
    const failed = (errorCode: AgoraRtmProcessAttributeErrorCode) => done({ attributes: null, errorCode })
    if (!engine) return failed(AgoraRtmProcessAttributeErrorCode.NotInitialized)
    engine.readChannelAttributes(channelId, keys, (outcome) => {
      if (typeof outcome === 'string') return failed(processAttributeCodes[failures.told(method, outcome)])
      done({ attributes: channelAttributesOf(outcome), errorCode: AgoraRtmProcessAttributeErrorCode.Ok })
    })
  })
}
