import { createTopicStrategy, type MessageAction, type Room, selfId } from '@trystero-p2p/core'

import type { Contender } from './contender.ts'

/** What the relay passes on; `from` is the sender's name in this benchmark and Trystero's own id of it. */
interface Passed {
  readonly topic: string
  readonly payload: string
  readonly from: readonly [name: string, id: string]
}

interface Entered {
  readonly room: Room
  readonly messages: MessageAction<Uint8Array>
}

let me = ''
let server = ''
const idByName = new Map<string, string>()
const nameById = new Map<string, string>()
const enteredByName = new Map<string, Entered>()
/** The first room that each peer was met in: what is for one only goes by that. */
const enteredById = new Map<string, Entered>()
let lastSend: Promise<void> = Promise.resolve()

const handlersByTopic = new Map<string, (topic: string, payload: string) => void>()

/** A strategy for a relay of topics as Trystero's README has it, with one listener for all topics. */
const joinRoom = createTopicStrategy<WebSocket>({
  init: () =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(server)
      socket.addEventListener('open', () => resolve(socket), { once: true })
      socket.addEventListener('error', reject, { once: true })
      socket.addEventListener('message', (event: MessageEvent<string>) => {
        const { topic, payload, from } = JSON.parse(event.data) as Passed
        const [name, id] = from
        // Nobody is linked to whom no signal came from, so names are known in time and need no messages of their own.
        idByName.set(name, id)
        nameById.set(id, name)
        handlersByTopic.get(topic)?.(topic, payload)
      })
    }),
  subscribeTopic: (socket, topic, onMessage) => {
    handlersByTopic.set(topic, (...message) => void onMessage(...message))
    socket.send(JSON.stringify({ type: 'subscribe', topic }))
    return () => {
      handlersByTopic.delete(topic)
      socket.send(JSON.stringify({ type: 'unsubscribe', topic }))
    }
  },
  publishTopic: (socket, topic, payload) => {
    socket.send(JSON.stringify({ type: 'publish', topic, payload, from: [me, selfId] }))
  },
})

const contender: Contender = {
  acknowledges: false,
  onPeer: undefined,
  onMessage: undefined,

  prepare(options) {
    ;({ me, server } = options)
    return Promise.resolve()
  },

  enter(name) {
    enter(name)
    return Promise.resolve()
  },

  enterSecond(name) {
    enter(name)
    return Promise.resolve()
  },

  peers(name) {
    const { room } = entered(name)
    return Object.keys(room.getPeers()).flatMap((id) => nameById.get(id) ?? [])
  },

  send(peer, data) {
    const target = idByName.get(peer)
    const met = enteredById.get(target ?? '')
    if (target === undefined || !met) throw new Error(`${peer} is not known`)
    return inTurn(() => met.messages.send(data, { target }))
  },

  broadcast: (name, data) => inTurn(() => entered(name).messages.send(data)),

  isSignal: (frame) => frame.startsWith('{"type":"publish"'),

  async leave() {
    await Promise.all([...enteredByName.values()].map(({ room }) => room.leave()))
    enteredByName.clear()
  },
}
window.contender = contender

function enter(name: string): void {
  const room = joinRoom(
    { appId: 'bench', relayConfig: { urls: [server] }, rtcConfig: { iceServers: [] } },
    name,
  )
  const messages = room.makeAction<Uint8Array>('message')
  enteredByName.set(name, { room, messages })
  room.onPeerJoin = (id) => {
    if (!enteredById.has(id)) enteredById.set(id, { room, messages })
    contender.onPeer?.()
  }
  room.onPeerLeave = (id) => {
    if (enteredById.get(id)?.room === room) enteredById.delete(id)
    contender.onPeer?.()
  }
  messages.onMessage = (data, { peerId }) => contender.onMessage?.(nameById.get(peerId) ?? peerId, data, name)
}

function entered(name: string): Entered {
  const known = enteredByName.get(name)
  if (!known) throw new Error(`${name} was not entered`)
  return known
}

/**
 * Trystero's backpressure is per call, and it looks once whether the channel has room: of calls that are made side by
 * side all go on when it has, and could fill it beyond what it takes. So they are awaited, as its README shows it.
 */
function inTurn(send: () => Promise<void>): Promise<void> {
  lastSend = lastSend.then(send)
  return lastSend
}
