import { WebrtcConn, WebrtcProvider } from 'y-webrtc'
import * as Y from 'yjs'

import type { Bytes } from '../base/bytes.ts'
import type { SideChannel, SideChannelEvents } from '../mesh/side-channel.ts'
import type { ConnectionView } from './channel-view.ts'
import { AUTHORS, RECORDS, type State } from './inspection.ts'
import {
  type ConnectionEvents,
  ReplicaConnection,
  type ReplicaConnectionOptions,
} from './replica-connection.ts'

export interface ReplicaOptions {
  /** New and unguessable: whatever tab has a y-webrtc room of this name could read and write. */
  readonly name: string
  /** Nobody else's: random, of 32 bits. */
  readonly clientId: number
}

export interface ReplicaEvents {
  /** The document changed, by whomever: these places of the records did, and the credentials of these sessions. */
  changed(places: ReadonlySet<string>, sessionIds: ReadonlySet<string>): void
}

/** This session's copy of one generation of a channel's document, replicated by y-webrtc over side channels. */
export class Replica {
  readonly records: Y.Map<Bytes>
  readonly authors: Y.Map<Bytes>
  private readonly doc = new Y.Doc()
  private readonly provider: WebrtcProvider
  /** y-webrtc makes its room a moment after the provider. */
  private readonly whenRoomIsThere: Promise<void>
  private connectionCount = 0
  private isClosed = false

  constructor(
    private readonly options: ReplicaOptions,
    events: ReplicaEvents,
  ) {
    this.doc.clientID = options.clientId
    this.records = this.doc.getMap(RECORDS)
    this.authors = this.doc.getMap(AUTHORS)
    this.provider = new WebrtcProvider(options.name, this.doc, { signaling: [], filterBcConns: false })
    // Nobody is told who is looking at the document.
    this.provider.awareness.setLocalState(null)
    this.whenRoomIsThere = Promise.resolve(this.provider.key).then(() => {
      // Tabs are linked like everybody. Whatever it says to them besides would open a broadcast channel for good.
      if (this.provider.room) this.provider.room.mux = () => undefined
    })
    this.doc.on('afterTransaction', ({ changed }: Y.Transaction) => {
      const keysOf = (map: unknown): Set<string> =>
        new Set([...(changed.get(map as never) ?? [])].filter((key) => key !== null))
      if (!this.isClosed) events.changed(keysOf(this.records), keysOf(this.authors))
    })
  }

  get state(): State {
    const { store } = this.doc
    return new Map([...store.clients.keys()].map((client) => [client, Y.getState(store, client)]))
  }

  get stateVector(): Bytes {
    return own(Y.encodeStateVector(this.doc))
  }

  /** Entries, and what is left of former ones. */
  get partCount(): number {
    let count = 0
    for (const structs of this.doc.store.clients.values()) count += structs.length
    return count
  }

  /** Everything that it is, as one update. */
  encode(): Bytes {
    return own(Y.encodeStateAsUpdate(this.doc))
  }

  /** Takes what was stored. It has been looked at before. */
  apply(update: Uint8Array): void {
    Y.applyUpdate(this.doc, update)
  }

  /** All of it reaches others as one update. */
  change(write: () => void): void {
    this.doc.transact(write)
  }

  /** Another replica of the same generation, at the other end of this channel. Undefined if there is none. */
  connect(
    open: (events: SideChannelEvents) => SideChannel | undefined,
    events: ConnectionEvents,
  ): ReplicaConnection | undefined {
    const options: ReplicaConnectionOptions = {
      state: () => this.state,
      attach: (view, isWanted) => this.attach(view, isWanted),
    }
    const connection = new ReplicaConnection(options, events)
    return connection.open(open) ? connection : undefined
  }

  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    // Ends the provider and its awareness too.
    this.doc.destroy()
  }

  private async attach(view: ConnectionView, isWanted: () => boolean): Promise<boolean> {
    await this.whenRoomIsThere
    const { room } = this.provider
    if (!isWanted() || this.isClosed || !room) return false
    // y-webrtc leaves when the page is about to unload, which the user may call off.
    if (!room.bcconnected) this.provider.connect()
    // Never one that was there before: y-webrtc forgets a connection by its id, also when an earlier one closes.
    const id = `${this.options.name}/${++this.connectionCount}`
    // Read by the connection's constructor, in this moment.
    this.provider.peerOpts = view.peerOptions
    const connection = new WebrtcConn(NO_SIGNALING, false, id, room)
    // Else it begins to flow with a timer, for which a page that was hidden long ago may wait a minute.
    const stream = connection.peer as SimplePeerStream
    stream.read(0)
    room.webrtcConns.set(id, connection)
    return true
  }
}

/** What simple-peer has of a stream of Node. */
interface SimplePeerStream {
  /** Hands nothing out; what comes from then on is handed on as it comes. */
  read(byteCount: 0): unknown
}

/** There is nothing to signal: the connection of each `WebrtcConn` stands when it is made. */
const NO_SIGNALING = undefined as unknown as ConstructorParameters<typeof WebrtcConn>[0]

/** lib0 and Yjs allocate plain buffers; their declarations are older than typed ones. */
function own(bytes: Uint8Array): Bytes {
  return bytes as Bytes
}
