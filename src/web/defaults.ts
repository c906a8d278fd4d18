import type { NetworkOptions } from '../rtm/browser-surroundings.ts'
import { faultInIceOptions, iceOptionsIn } from '../rtm/ice-options.ts'
import { type AreaServer, isWebSocketUrl, notWebSocketUrl, serversFor } from '../rtm/signaling-servers.ts'
import { type AreaConfig, bitsOfAreas, bitsOfConfig } from './area.ts'
import type { RtmConfig } from './config.ts'
import { CreateInstanceError } from './error-codes.ts'
import { RtmError } from './error.ts'

/** What clients have that are created from now on, unless their own configuration says otherwise. */
const defaults = { area: 0xffffffff, config: {} as RtmConfig }

/** Where pages are. Throws for what is no area. */
export function setDefaultArea(areaConfig: AreaConfig): void {
  const bits = bitsOfConfig(areaConfig)
  if (bits === undefined)
    throw argumentError('setArea needs an object such as { areaCodes: [AgoraRTM.AreaCode.EUROPE] }')
  defaults.area = bits
}

/** Throws for what is not well-formed; then nothing has changed. */
export function setDefaultConfig(config: RtmConfig): void {
  checkConfig('setParameters', config)
  defaults.config = merged(config)
}

/** A client's configuration and where it finds others. Throws, by the method's name, for what is not well-formed. */
export function settle(
  config: RtmConfig,
  areaCodes: unknown,
): { readonly config: RtmConfig; readonly network: NetworkOptions } {
  const method = 'createInstance'
  checkConfig(method, config)
  const isArea = areaCodes !== undefined && areaCodes !== null
  const area = isArea ? bitsOfAreas(areaCodes) : defaults.area
  if (area === undefined) throw argumentError(`${method}: areaCodes must be a list of AgoraRTM.AreaCode`)
  const full = merged(config)
  const ice = iceOptionsIn({
    ...(full.iceServers && { iceServers: full.iceServers }),
    ...(full.iceTransportPolicy && { iceTransportPolicy: full.iceTransportPolicy }),
  })
  const servers = full.signaling?.map(serverOf)
  if (!servers) return { config: full, network: ice }
  const signaling = serversFor(servers, area)
  if (signaling.length === 0 && servers.length > 0)
    throw argumentError(
      `${method}: none of the signaling servers is meant for this area; name one that is, or one without areas`,
    )
  return { config: full, network: { ...ice, signaling } }
}

/** Throws for what is not well-formed. What is not known is ignored, as programs hand over what other versions take. */
export function checkConfig(method: string, config: RtmConfig): void {
  if (typeof config !== 'object' || config === null)
    throw argumentError(`${method}: the configuration must be an object`)
  const { signaling, logFilter, rateLimits } = config
  if (rateLimits !== undefined && typeof rateLimits !== 'boolean')
    throw argumentError(`${method}: rateLimits must be true or false`)
  if (logFilter !== undefined && (typeof logFilter !== 'object' || logFilter === null))
    throw argumentError(`${method}: logFilter must be one of AgoraRTM.LOG_FILTER_…`)
  const iceFault = faultInIceOptions(config)
  if (iceFault !== undefined) throw argumentError(`${method}: ${iceFault}`)
  if (signaling === undefined) return
  if (!Array.isArray(signaling))
    throw argumentError(
      `${method}: signaling must be a list of WebSocket URLs, or of { url, areas }; an empty one for no server`,
    )
  for (const entry of signaling as readonly unknown[]) checkServer(method, entry)
}

function checkServer(method: string, entry: unknown): void {
  const isObject = typeof entry === 'object' && entry !== null
  const { url, areas }: { url?: unknown; areas?: unknown } = isObject ? entry : { url: entry }
  if (!isWebSocketUrl(url)) throw argumentError(`${method}: ${notWebSocketUrl(url)}`)
  if (isObject && bitsOfAreas(areas) === undefined)
    throw argumentError(`${method}: areas of ${url} must be a list of AgoraRTM.AreaCode`)
}

function serverOf(entry: NonNullable<RtmConfig['signaling']>[number]): string | AreaServer {
  return typeof entry === 'string' ? entry : { url: entry.url, areas: bitsOfAreas(entry.areas) ?? 0 }
}

/** What is given counts; what is undefined is not given. */
function merged(config: RtmConfig): RtmConfig {
  const given = Object.entries(config).filter(([, value]) => value !== undefined)
  return { ...defaults.config, ...Object.fromEntries(given) }
}

export function argumentError(sentence: string): RtmError {
  const code = CreateInstanceError.CREATE_INSTANCE_ERR_INVALID_ARGUMENT
  return new RtmError('RtmInvalidArgumentError', code, sentence)
}
