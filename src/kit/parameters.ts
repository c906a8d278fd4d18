import * as v from 'valibot'

import { AgoraRtmLogFilter } from './states.ts'

/** What `consoleLog` may be, and what the console shows then. */
const consoleFilters = {
  off: AgoraRtmLogFilter.Off,
  error: AgoraRtmLogFilter.Error,
  warn: AgoraRtmLogFilter.Warn,
  info: AgoraRtmLogFilter.Info,
}

/** 30 days. */
const MAX_TTL_S = 2_592_000

const parameters = v.strictObject({
  rateLimits: v.optional(v.boolean()),
  channelAttributesTtl: v.optional(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(MAX_TTL_S))),
  consoleLog: v.optional(
    v.pipe(
      v.picklist(['off', 'error', 'warn', 'info']),
      v.transform((level) => consoleFilters[level]),
    ),
  ),
})

/** What `setParameters` takes, beside nothing else. */
export type Parameters = v.InferOutput<typeof parameters>

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
  return `setParameters knows {"rateLimits": true or false, "channelAttributesTtl": whole seconds from 0 to ${MAX_TTL_S}, "consoleLog": "off", "error", "warn" or "info"} and nothing else: ${v.summarize(result.issues)}`
}

const NO_OBJECT = 'setParameters needs the text of a JSON object, such as {"rateLimits":false}'
