import { WebSocketServer } from 'ws'

/** @import { WebSocket } from 'ws' */
/** @typedef {{ type: string, topic: string, payload?: unknown, from?: unknown }} Message */

// The relay of Trystero's pages, as its README asks for one: {type: 'subscribe' | 'unsubscribe' | 'publish', topic,
// payload} comes in, {topic, payload} goes out to all who are subscribed. `from` is passed on with a payload: it is how
// the pages of a benchmark know each other's names. PORT says where it listens.

/** @type {Map<string, Set<WebSocket>>} */
const subscribersByTopic = new Map()

/** @param {WebSocket} socket @param {string} topic */
function unsubscribe(socket, topic) {
  const subscribers = subscribersByTopic.get(topic)
  subscribers?.delete(socket)
  if (subscribers?.size === 0) subscribersByTopic.delete(topic)
}

const server = new WebSocketServer({ host: '127.0.0.1', port: Number(process.env['PORT'] ?? 0) })
server.on('connection', (socket) => {
  /** @type {Set<string>} */
  const topics = new Set()
  socket.on('message', (/** @type {Buffer} */ data) => {
    const { type, topic, payload, from } = /** @type {Message} */ (JSON.parse(String(data)))
    if (type === 'subscribe') {
      topics.add(topic)
      subscribersByTopic.set(topic, (subscribersByTopic.get(topic) ?? new Set()).add(socket))
    } else if (type === 'unsubscribe') {
      topics.delete(topic)
      unsubscribe(socket, topic)
    } else if (type === 'publish') {
      const text = JSON.stringify({ topic, payload, from })
      for (const subscriber of subscribersByTopic.get(topic) ?? []) subscriber.send(text)
    }
  })
  socket.on('close', () => topics.forEach((topic) => unsubscribe(socket, topic)))
})
