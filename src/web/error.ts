/** Of what kind an error is; a stable text, as `name` of the error. */
export type RtmErrorName =
  /** An argument is not well-formed. */
  | 'RtmInvalidArgumentError'
  /** Nobody is logged in, the channel is not joined, or something else stands in another state than the call needs. */
  | 'RtmInvalidStatusError'
  /** The method was called too often. */
  | 'RtmInvokeTooOftenError'
  /** A size or number is over a limit. */
  | 'RtmLimitExceededError'
  /** There was no answer in time. */
  | 'RtmTimeoutError'
  /** The token, app id or user was refused. */
  | 'RtmUnauthenticatedError'
  /** Anything else. */
  | 'RtmInternalError'

/** What calls reject with or throw. Its message names the method and says what to do. */
export class RtmError extends Error {
  /** One of `RtmErrorCode`, of the enum of the call; 101 after `destroy`. */
  readonly code: number
  /** Of what kind it is. */
  override readonly name: RtmErrorName

  /** @internal */
  constructor(name: RtmErrorName, code: number, message: string) {
    super(message)
    this.name = name
    this.code = code
  }
}
