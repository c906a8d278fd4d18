import type { ChannelId } from '../base/ids.ts'
import type { AttributeChange, ChannelAttribute } from '../documents/attribute.ts'

export type ChannelWriteResult = 'ok' | 'failure' | 'size-overflow' | 'timeout'
export type ChannelReadResult = readonly ChannelAttribute[] | 'failure' | 'timeout'

/** What one session does with the attributes of channels, joined or not. Arguments are well-formed. */
export interface ChannelAttributeOperations {
  write(
    channelId: ChannelId,
    change: AttributeChange,
    notify: boolean,
    done: (result: ChannelWriteResult) => void,
  ): void
  read(
    channelId: ChannelId,
    keys: readonly string[] | undefined,
    done: (result: ChannelReadResult) => void,
  ): void
}
