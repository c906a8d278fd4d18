import * as v from 'valibot'

/** What `setParameters` takes, beside nothing else. */
export interface Parameters {
  /** False switches off the limits on how often methods may be called, for benchmarks and tests. Default true. */
  readonly rateLimits?: boolean | undefined
  /** For how many seconds a channel's attributes are kept on this machine after a member was last seen. Default a day. */
  readonly channelAttributesTtl?: number | undefined
}

/** 30 days. */
const MAX_TTL_S = 2_592_000

const NO_OBJECT = 'setParameters needs the text of a JSON object, such as {"rateLimits":false}'

const parameters = v.strictObject({
  rateLimits: v.optional(v.boolean()),
  channelAttributesTtl: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_TTL_S))),
})

/** The parameters in a JSON text, or a sentence that says what is wrong with it. */
export function parseParameters(text: unknown): Parameters | string {
  let value: unknown
  try {
    value = JSON.parse(String(text))
  } catch {
    return NO_OBJECT
  }
  if (Array.isArray(value)) return NO_OBJECT
  const result = v.safeParse(parameters, value)
  if (result.success) return result.output
  return `setParameters knows {"rateLimits": true or false, "channelAttributesTtl": whole seconds from 0 to ${MAX_TTL_S}} and nothing else: ${v.summarize(result.issues)}`
}
