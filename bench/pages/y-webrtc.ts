import type SimplePeer from 'simple-peer/simplepeer.min.js'
import { WebrtcProvider } from 'y-webrtc'
import * as Y from 'yjs'

import type { Contender } from './contender.ts'

interface Entered {
  readonly doc: Y.Doc
  readonly provider: WebrtcProvider
}

let me = ''
let server = ''
const enteredByName = new Map<string, Entered>()

/** A document that all in a room share. There are no messages; rooms have connections of their own. */
const contender: Contender = {
  acknowledges: false,
  onPeer: undefined,
  onMessage: undefined,
  onShared: undefined,

  prepare(options) {
    ;({ me, server } = options)
    return Promise.resolve()
  },

  enter,
  enterSecond: enter,

  /** Those to whom there is a connection; a name also comes by way of others. */
  peers(name) {
    const { provider } = entered(name)
    const names: string[] = []
    for (const state of provider.awareness.getStates().values()) {
      const user = state['user'] as { readonly name: string; readonly peerId: string } | undefined
      if (user && provider.room?.webrtcConns.get(user.peerId)?.connected) names.push(user.name)
    }
    return names
  },

  setShared(name, key, value) {
    shared(entered(name).doc).set(key, value)
    return Promise.resolve()
  },

  isSignal: (frame) => frame.startsWith('{"type":"publish"'),

  leave() {
    for (const { doc, provider } of enteredByName.values()) {
      provider.disconnect()
      // Takes the provider with it.
      doc.destroy()
    }
    enteredByName.clear()
    return Promise.resolve()
  },
}
window.contender = contender

async function enter(name: string): Promise<void> {
  const doc = new Y.Doc()
  const map = shared(doc)
  map.observe(({ changes, transaction }) => {
    if (transaction.local) return
    for (const key of changes.keys.keys()) {
      const value = map.get(key)
      if (value !== undefined) contender.onShared?.(name, key, value)
    }
  })
  const provider = new WebrtcProvider(name, doc, {
    signaling: [server],
    // Its README on how to connect all to all; unless told otherwise it stops at 20 to 34.
    maxConns: Number.POSITIVE_INFINITY,
    filterBcConns: false,
    peerOpts: { config: { iceServers: [] } },
  })
  enteredByName.set(name, { doc, provider })
  provider.awareness.on('change', () => contender.onPeer?.())
  provider.on('peers', ({ added }) => {
    for (const peerId of added) {
      const peer = provider.room?.webrtcConns.get(peerId)?.peer as SimplePeer.Instance | undefined
      peer?.on('connect', () => contender.onPeer?.())
    }
    contender.onPeer?.()
  })
  // Until then the room has not been made.
  await provider.key
  provider.awareness.setLocalStateField('user', { name: me, peerId: provider.room?.peerId })
}

function entered(name: string): Entered {
  const known = enteredByName.get(name)
  if (!known) throw new Error(`${name} was not entered`)
  return known
}

function shared(doc: Y.Doc): Y.Map<string> {
  return doc.getMap('shared')
}
