import type { Bytes } from '../base/bytes.ts'
import { type ChannelId, isChannelId } from '../base/ids.ts'
import { decode } from './codec.ts'
import { PROTOCOL_VERSION } from './version.ts'

/** A refusal without a holding: who refuses has no part in this document. */
export const NOT_HERE: Bytes = new Uint8Array(0)
/** Who refuses is about to have a part in it, and will ask. */
export const NOT_YET: Bytes = new Uint8Array([255])

/** Whose document a side channel is offered for, as far as who cannot read the rest of the label needs to know. */
export function labelledChannel(label: Uint8Array): ChannelId | undefined {
  return decode(label, (reader) => {
    const channelId = reader.varUint() === PROTOCOL_VERSION ? reader.varText() : undefined
    return isChannelId(channelId) ? channelId : undefined
  })
}
