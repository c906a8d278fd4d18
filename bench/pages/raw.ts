import type { Contender } from './contender.ts'

/** What is waiting in a channel before its sender waits too, and how much of it is left when it goes on. */
const HIGH_WATER_BYTES = 1024 * 1024
const LOW_WATER_BYTES = 256 * 1024

type Signal =
  | { readonly type: 'offer' | 'answer'; readonly sdp: string }
  | { readonly type: 'candidate'; readonly candidate: RTCIceCandidateInit }
type FromRelay = { readonly present: readonly string[] } | { readonly from: string; readonly signal: Signal }

const taken = Promise.resolve()

/** One connection with one channel, as a page would make it that has no library: the limit for all that have more. */
class RawLink {
  readonly channel: RTCDataChannel
  private readonly connection = new RTCPeerConnection({ iceServers: [] })
  private drained: Promise<void> | undefined

  constructor(
    private readonly signal: (signal: Signal) => void,
    private readonly opened: () => void,
    received: (data: Uint8Array, isForAll: boolean) => void,
  ) {
    const { connection } = this
    this.channel = connection.createDataChannel('messages', { negotiated: true, id: 0 })
    this.channel.binaryType = 'arraybuffer'
    this.channel.bufferedAmountLowThreshold = LOW_WATER_BYTES
    this.channel.onopen = () => this.opened()
    this.channel.onmessage = ({ data }: MessageEvent<ArrayBuffer>) => {
      const bytes = new Uint8Array(data)
      received(bytes.subarray(1), bytes[0] === 1)
    }
    connection.onicecandidate = ({ candidate }) => {
      if (candidate) this.signal({ type: 'candidate', candidate: candidate.toJSON() })
    }
  }

  async offer(): Promise<void> {
    await this.connection.setLocalDescription()
    this.tellDescription()
  }

  async hear(signal: Signal): Promise<void> {
    if (signal.type === 'candidate') return this.connection.addIceCandidate(signal.candidate)
    await this.connection.setRemoteDescription(signal)
    if (signal.type === 'answer') return
    await this.connection.setLocalDescription()
    this.tellDescription()
  }

  send(data: Uint8Array, isForAll: boolean): Promise<void> {
    const message = new Uint8Array(data.byteLength + 1)
    message[0] = isForAll ? 1 : 0
    message.set(data, 1)
    this.channel.send(message)
    return this.channel.bufferedAmount > HIGH_WATER_BYTES ? this.drain() : taken
  }

  close(): void {
    this.connection.close()
  }

  private tellDescription(): void {
    const { localDescription } = this.connection
    if (localDescription) {
      this.signal({ type: localDescription.type as 'offer' | 'answer', sdp: localDescription.sdp })
    }
  }

  private drain(): Promise<void> {
    this.drained ??= new Promise((resolve) => {
      this.channel.onbufferedamountlow = () => {
        this.drained = undefined
        resolve()
      }
    })
    return this.drained
  }
}

class Raw implements Contender {
  readonly acknowledges = false
  onPeer: Contender['onPeer']
  onMessage: Contender['onMessage']
  private options = { me: '', server: '' }
  private readonly rooms = new Map<string, { socket: WebSocket; links: Map<string, RawLink> }>()

  prepare(options: { readonly me: string; readonly server: string }): Promise<void> {
    this.options = options
    return taken
  }

  enter(room: string, onlyTo?: string): Promise<void> {
    const { me, server } = this.options
    const socket = new WebSocket(`${server}/?${new URLSearchParams({ room, name: me })}`)
    const links = new Map<string, RawLink>()
    this.rooms.set(room, { socket, links })
    const link = (name: string): RawLink => {
      const made = new RawLink(
        (signal) => socket.send(JSON.stringify({ to: name, signal })),
        () => this.onPeer?.(),
        (data, isForAll) => this.onMessage?.(name, data, isForAll ? room : undefined),
      )
      links.set(name, made)
      return made
    }
    return new Promise((resolve, reject) => {
      socket.onerror = () => reject(new Error('The relay does not answer'))
      socket.onmessage = ({ data }: MessageEvent<string>) => {
        const message = JSON.parse(data) as FromRelay
        if ('present' in message) {
          const wanted = message.present.filter((name) => name === (onlyTo ?? name))
          for (const name of wanted) void link(name).offer()
          resolve()
        } else {
          void (links.get(message.from) ?? link(message.from)).hear(message.signal)
        }
      }
    })
  }

  peers(room: string): readonly string[] {
    const links = [...(this.rooms.get(room)?.links ?? [])]
    return links.filter(([, { channel }]) => channel.readyState === 'open').map(([name]) => name)
  }

  send(peer: string, data: Uint8Array): Promise<void> {
    for (const { links } of this.rooms.values()) {
      const link = links.get(peer)
      if (link) return link.send(data, false)
    }
    throw new Error(`There is no link to ${peer}`)
  }

  broadcast(room: string, data: Uint8Array): Promise<void> {
    const links = this.rooms.get(room)?.links.values() ?? []
    const waits = [...links].map((link) => link.send(data, true)).filter((wait) => wait !== taken)
    return waits.length > 0 ? Promise.all(waits).then(() => undefined) : taken
  }

  leave(): Promise<void> {
    for (const { socket, links } of this.rooms.values()) {
      socket.close()
      for (const link of links.values()) link.close()
    }
    this.rooms.clear()
    return taken
  }
}

window.contender = new Raw()
