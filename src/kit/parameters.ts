import * as v from 'valibot'

/** What `setParameters` takes, beside nothing else. */
export interface Parameters {
  /** False switches off the limits on how often methods may be called, for benchmarks and tests. Default true. */
  readonly rateLimits?: boolean | undefined
}

const NO_OBJECT = 'setParameters needs the text of a JSON object, such as {"rateLimits":false}'

const parameters = v.strictObject({ rateLimits: v.optional(v.boolean()) })

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
  return `setParameters knows {"rateLimits": true or false} and nothing else: ${v.summarize(result.issues)}`
}
