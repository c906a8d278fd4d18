import { AreaCode, LegacyAreaCode } from './status-codes.ts'

/** Where pages are. */
export interface AreaConfig {
  /** One, or several. */
  areaCodes: readonly (AreaCode | LegacyAreaCode)[]
  /** Counts with GLOBAL: everywhere but there. */
  excludedArea?: AreaCode | LegacyAreaCode | undefined
}

/** One bit for each part of the world, those of the kit, and three more. */
const areaBits: Readonly<Record<AreaCode | LegacyAreaCode, number>> = {
  [AreaCode.CHINA]: 1,
  [LegacyAreaCode.CN]: 1,
  [AreaCode.NORTH_AMERICA]: 2,
  [LegacyAreaCode.NA]: 2,
  [AreaCode.EUROPE]: 4,
  [LegacyAreaCode.EU]: 4,
  [AreaCode.ASIA]: 8,
  [LegacyAreaCode.AS]: 8,
  [AreaCode.JAPAN]: 16,
  [LegacyAreaCode.JP]: 16,
  [AreaCode.INDIA]: 32,
  [LegacyAreaCode.IN]: 32,
  [LegacyAreaCode.OC]: 64,
  [LegacyAreaCode.SA]: 128,
  [LegacyAreaCode.AF]: 256,
  [AreaCode.GLOBAL]: 0xffffffff,
  [LegacyAreaCode.GLOB]: 0xffffffff,
  [LegacyAreaCode.OVS]: 0xffffffff & ~1,
}

/** The bits of these areas; undefined for what is no list of at least one. */
export function bitsOfAreas(areaCodes: unknown): number | undefined {
  if (!Array.isArray(areaCodes) || areaCodes.length === 0) return undefined
  let bits = 0
  for (const code of areaCodes) {
    const own = bitsOf(code)
    if (own === undefined) return undefined
    bits |= own
  }
  return bits
}

/** Undefined for what is not well-formed, or leaves nothing. */
export function bitsOfConfig(config: unknown): number | undefined {
  const { areaCodes, excludedArea }: Partial<Record<keyof AreaConfig, unknown>> = Object(config) as object
  const bits = bitsOfAreas(areaCodes)
  if (bits === undefined || excludedArea === undefined || excludedArea === null) return bits
  const excluded = bitsOf(excludedArea)
  if (excluded === undefined) return undefined
  // What is not everywhere is said by its parts; nothing is taken out of it.
  return bits >>> 0 === areaBits.GLOBAL ? bits & ~excluded || undefined : bits
}

function bitsOf(code: unknown): number | undefined {
  return typeof code === 'string' && Object.hasOwn(areaBits, code)
    ? areaBits[code as keyof typeof areaBits]
    : undefined
}
