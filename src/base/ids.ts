/** The identifiers of the API, as brands: a value of one of these types has passed its check. */

export type AppId = string & { readonly __brand: 'AppId' }
export type UserId = string & { readonly __brand: 'UserId' }
export type ChannelId = string & { readonly __brand: 'ChannelId' }
/** 32 hexadecimal digits: a hash of the session's certificate and signing key. */
export type SessionId = string & { readonly __brand: 'SessionId' }

/** Letters, digits, space and 26 punctuation marks, 1 to 64 bytes (the API's character set for user and channel ids). */
const ID = /^[a-zA-Z0-9 !#$%&()+\-:;<=.>?@[\]^_{}|~,]{1,64}$/
const APP_ID = /^[\x21-\x7e]{32}$/
const SESSION_ID = /^[0-9a-f]{32}$/

/** The API excludes this text: native callers pass it where they meant nil. */
const NULL_TEXT = 'null'

export function isUserId(value: unknown): value is UserId {
  return typeof value === 'string' && ID.test(value) && value !== NULL_TEXT
}

export function isChannelId(value: unknown): value is ChannelId {
  return typeof value === 'string' && ID.test(value) && value !== NULL_TEXT
}

/** An app id is 32 visible ASCII characters. */
export function isAppId(value: unknown): value is AppId {
  return typeof value === 'string' && APP_ID.test(value)
}

export function isSessionId(value: unknown): value is SessionId {
  return typeof value === 'string' && SESSION_ID.test(value)
}
