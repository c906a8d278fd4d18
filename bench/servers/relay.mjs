import { WebSocketServer } from 'ws'

/** @import { WebSocket } from 'ws' */

// The least that introduces pages to each other. Who enters is told the names of those who are there; what has a
// receiver is passed on to it, with the sender's name. PORT says where it listens.

/** @typedef {{ name: string, socket: WebSocket }} Guest */
/** @typedef {{ to: string, signal: unknown }} Letter */
/** @type {Map<string, Map<string, Guest>>} */
const rooms = new Map()

const server = new WebSocketServer({ host: '127.0.0.1', port: Number(process.env['PORT'] ?? 0) })
server.on('connection', (socket, request) => {
  const { searchParams } = new URL(request.url ?? '/', 'ws://relay')
  const [room, name] = [searchParams.get('room') ?? '', searchParams.get('name') ?? '']
  const guests = rooms.get(room) ?? new Map(/** @type {[string, Guest][]} */ ([]))
  rooms.set(room, guests)
  socket.send(JSON.stringify({ present: [...guests.keys()] }))
  guests.set(name, { name, socket })
  socket.on('message', (/** @type {Buffer} */ data) => {
    const { to, signal } = /** @type {Letter} */ (JSON.parse(data.toString()))
    guests.get(to)?.socket.send(JSON.stringify({ from: name, signal }))
  })
  socket.on('close', () => {
    if (guests.get(name)?.socket === socket) guests.delete(name)
    if (guests.size === 0) rooms.delete(room)
  })
})
