import { describeError, type Log } from '../base/logger.ts'
import { decodeTabMessage, type TabMessage } from '../protocol/tab-messages.ts'

/** The part of a BroadcastChannel that is used here. */
export interface Broadcast {
  onmessage: ((event: MessageEvent<unknown>) => void) | null
  postMessage(message: unknown): void
  close(): void
}

/** One end of a realm's broadcast channel: what comes out of it is decoded. */
export class TabsBroadcast {
  private broadcast: Broadcast | undefined

  constructor(open: () => Broadcast, receive: (message: TabMessage) => void, log: Log) {
    try {
      this.broadcast = open()
      this.broadcast.onmessage = ({ data }) => {
        if (!this.broadcast) return
        const message = decodeTabMessage(data)
        if (message) receive(message)
        else log('warn', 'A message from another tab was ignored: it is none of this protocol')
      }
    } catch (error) {
      // A page of an opaque origin, such as a sandboxed frame, may have none: it is alone.
      log('warn', 'This page cannot meet other tabs', { error: describeError(error) })
    }
  }

  post(message: TabMessage): void {
    this.broadcast?.postMessage(message)
  }

  close(): void {
    this.broadcast?.close()
    this.broadcast = undefined
  }
}
