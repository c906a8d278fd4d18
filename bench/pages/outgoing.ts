/**
 * What this page has sent so far. Counted in the browser's own objects by a script that runs before all others, and so
 * for every library alike.
 */
export interface Outgoing {
  /** Calls of `RTCDataChannel.send`, and their bytes. */
  sends: number
  sentBytes: number
  /** `RTCPeerConnection`s that were made. */
  connections: number
  /** Frames to the signaling server; those that are not text are empty here. */
  serverFrames: string[]
  /** What data channels are sent is kept here while this is a list. */
  packets: Uint8Array[] | undefined
}

declare global {
  interface Window {
    outgoing: Outgoing
  }
}

const outgoing: Outgoing = { sends: 0, sentBytes: 0, connections: 0, serverFrames: [], packets: undefined }
window.outgoing = outgoing

// Libraries that wait for what is buffered, or that wrap these, see no difference.
const channelSend = RTCDataChannel.prototype.send as (data: unknown) => void
RTCDataChannel.prototype.send = function (this: RTCDataChannel, data: unknown): void {
  outgoing.sends += 1
  outgoing.sentBytes += bytesOf(data)
  if (outgoing.packets && data instanceof Uint8Array) outgoing.packets.push(data.slice())
  channelSend.call(this, data)
}

const socketSend = WebSocket.prototype.send
WebSocket.prototype.send = function (this: WebSocket, data): void {
  outgoing.serverFrames.push(typeof data === 'string' ? data : '')
  socketSend.call(this, data)
}

window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(configuration?: RTCConfiguration) {
    super(configuration)
    outgoing.connections += 1
  }
}

const encoder = new TextEncoder()

function bytesOf(data: unknown): number {
  if (typeof data === 'string') return encoder.encode(data).byteLength
  if (data instanceof Blob) return data.size
  return data instanceof ArrayBuffer || ArrayBuffer.isView(data) ? data.byteLength : 0
}
