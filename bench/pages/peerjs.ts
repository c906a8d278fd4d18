import { type DataConnection, Peer } from 'peerjs'

import type { Contender } from './contender.ts'

/** Above this a connection is left to drain; PeerJS would look again every 50 ms, and only above 8 MB. */
const HIGH_WATER_BYTES = 1024 * 1024
const LOW_WATER_BYTES = 256 * 1024

let me = ''
let server = ''
let room = ''
let peer: Peer | undefined
const connectionByName = new Map<string, DataConnection>()
const draining = new Map<RTCDataChannel, Promise<void>>()

/** PeerJS has no rooms: whose ids begin alike are in one, and each newcomer connects to all that the server lists. */
const contender: Contender = {
  acknowledges: false,
  onPeer: undefined,
  onMessage: undefined,

  prepare(options) {
    ;({ me, server } = options)
    return Promise.resolve()
  },

  enter(name, onlyTo) {
    room = name
    const { hostname, port, pathname } = new URL(server)
    const options = {
      host: hostname,
      port: Number(port),
      path: pathname,
      secure: false,
      config: { iceServers: [] },
    }
    const entering = new Peer(idOf(me), options)
    peer = entering
    entering.on('connection', (connection) => take(connection))
    return new Promise((resolve, reject) => {
      entering.once('error', reject)
      entering.once('open', () => {
        entering.listAllPeers((ids: string[]) => {
          const wanted = ids.filter((id) => onlyTo === undefined || id === idOf(onlyTo))
          wanted.forEach((id) => connect(entering, id))
          resolve()
        })
      })
    })
  },

  peers: () => [...connectionByName].filter(([, { open }]) => open).map(([name]) => name),

  send: (name, data) => write(connectionByName.get(name), data),

  async broadcast(_room, data) {
    await Promise.all(
      [...connectionByName.values()].filter(({ open }) => open).map((each) => write(each, data)),
    )
  },

  isSignal: (frame) => /"type":"(OFFER|ANSWER|CANDIDATE)"/.test(frame),

  leave() {
    peer?.destroy()
    return Promise.resolve()
  },
}
window.contender = contender

function idOf(name: string): string {
  return `${room}_${name}`
}

/** Undefined for ids of other rooms. */
function nameOf(id: string): string | undefined {
  return id.startsWith(idOf('')) ? id.slice(idOf('').length) : undefined
}

function connect(from: Peer, id: string): void {
  const name = nameOf(id)
  if (name === undefined || name === me || connectionByName.has(name)) return
  // `raw` hands bytes to the data channel as they are, and keeps the order where `reliable` is asked for.
  keep(name, from.connect(id, { reliable: true, serialization: 'raw' }))
}

/** Of two that connect to each other at once, both keep the connection that the lower name has made. */
function take(connection: DataConnection): void {
  const name = nameOf(connection.peer)
  if (name === undefined) return connection.close()
  const own = connectionByName.get(name)
  if (own && me < name) return connection.close()
  keep(name, connection)
  own?.close()
}

function keep(name: string, connection: DataConnection): void {
  connectionByName.set(name, connection)
  // It may be in the place of one that was open.
  contender.onPeer?.()
  connection.on('open', () => {
    connection.dataChannel.bufferedAmountLowThreshold = LOW_WATER_BYTES
    contender.onPeer?.()
  })
  connection.on('data', (data) => {
    if (data instanceof ArrayBuffer) contender.onMessage?.(name, new Uint8Array(data), undefined)
  })
  connection.on('close', () => {
    if (connectionByName.get(name) !== connection) return
    connectionByName.delete(name)
    contender.onPeer?.()
  })
}

/** Resolves when the connection has room for more. */
function write(connection: DataConnection | undefined, data: Uint8Array): Promise<void> {
  if (!connection?.open) return Promise.reject(new Error('There is no such connection'))
  // With this serialization nothing is returned: it is written, or queued behind what waits.
  void connection.send(data)
  return drained(connection.dataChannel)
}

function drained(channel: RTCDataChannel): Promise<void> {
  const waiting = draining.get(channel)
  if (waiting) return waiting
  if (channel.bufferedAmount <= HIGH_WATER_BYTES) return Promise.resolve()
  const promise = new Promise<void>((resolve, reject) => {
    channel.addEventListener('bufferedamountlow', () => resolve(), { once: true })
    channel.addEventListener('close', () => reject(new Error('The connection was closed')), { once: true })
  }).finally(() => draining.delete(channel))
  draining.set(channel, promise)
  return promise
}
