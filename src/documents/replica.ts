import { WebrtcConn, WebrtcProvider } from 'y-webrtc'
import * as Y from 'yjs'

import type { Bytes } from '../base/bytes.ts'
import type { SideChannel, SideChannelEvents } from '../mesh/side-channel.ts'
import { connectionView, type ConnectionView } from './channel-view.ts'
import { AUTHORS, decodeStateVector, faultOf, RECORDS } from './inspection.ts'

export interface ReplicaEvents {
  /** The document changed, by whomever; these places of the records did, or an author's credential. */
  changed(places: ReadonlySet<string>, authorsChanged: boolean): void
}

/** What becomes of a replica's connection to another. Nothing follows. */
export interface ConnectionEvents {
  closed(): void
  /** What came over it is not of this protocol; it is closed. */
  breach(fault: string): void
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

  /** `name` is new and unguessable: whatever tab has a y-webrtc room of this name could read and write. */
  constructor(
    private readonly name: string,
    events: ReplicaEvents,
  ) {
    this.records = this.doc.getMap(RECORDS)
    this.authors = this.doc.getMap(AUTHORS)
    this.provider = new WebrtcProvider(name, this.doc, { signaling: [], filterBcConns: false })
    // Nobody is told who is looking at the document.
    this.provider.awareness.setLocalState(null)
    this.whenRoomIsThere = Promise.resolve(this.provider.key).then(() => undefined)
    this.doc.on('afterTransaction', ({ changed }: Y.Transaction) => {
      const placesOf = (map: unknown): Set<string | null> => changed.get(map as never) ?? new Set()
      const places = [...placesOf(this.records)].filter((place) => place !== null)
      const authorsChanged = placesOf(this.authors).size > 0
      if (!this.isClosed) events.changed(new Set(places), authorsChanged)
    })
  }

  get stateVector(): Bytes {
    return own(Y.encodeStateVector(this.doc))
  }

  /** Whether everything is here that somebody had at this state. */
  covers(stateVector: Uint8Array): boolean {
    const theirs = decodeStateVector(stateVector)
    const mine = decodeStateVector(this.stateVector)
    return theirs !== undefined && [...theirs].every(([client, clock]) => (mine?.get(client) ?? 0) >= clock)
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

  /**
   * Another replica of the same generation, at the other end of this channel. What comes is looked at before
   * y-webrtc sees it. `start` says that both ends are there.
   */
  connect(
    open: (events: SideChannelEvents) => SideChannel | undefined,
    events: ConnectionEvents,
  ): Connection | undefined {
    let isOver = false
    const over = (): boolean => {
      const wasOver = isOver
      isOver = true
      return wasOver
    }
    const waiting: Uint8Array[] = []
    let isStarted = false
    let view: ConnectionView | undefined
    const channel = open({
      message: (message) => {
        const fault = faultOf(message)
        if (isOver || !view) return
        if (fault === undefined) return void (isStarted ? view.message(message) : waiting.push(message))
        over()
        view.close()
        channel?.close()
        events.breach(fault)
      },
      drained: () => undefined,
      closed: () => {
        if (over()) return
        view?.close()
        events.closed()
      },
    })
    if (!channel) return undefined
    view = connectionView(channel, () => {
      if (over()) return
      // y-webrtc closes all it has when the page is about to unload, which the user may call off.
      if (!this.isClosed) this.provider.connect()
      events.closed()
    })
    return {
      start: async () => {
        await this.whenRoomIsThere
        const { room } = this.provider
        if (isOver || this.isClosed || !room || !view) return
        // Never one that was there before: y-webrtc forgets a connection by its id, also when an earlier one closes.
        const id = `${this.name}/${++this.connectionCount}`
        // Read by the connection's constructor, in this moment.
        this.provider.peerOpts = view.peerOptions
        room.webrtcConns.set(id, new WebrtcConn(NO_SIGNALING, false, id, room))
        isStarted = true
        view.open()
        for (const message of waiting.splice(0)) view.message(message)
      },
      close: () => {
        if (over()) return
        view?.close()
        channel.close()
      },
    }
  }

  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    // Ends the provider and its awareness too.
    this.doc.destroy()
  }
}

export interface Connection {
  start(): Promise<void>
  /** Nothing is heard of it any more. */
  close(): void
}

/** There is nothing to signal: the connection of each `WebrtcConn` stands when it is made. */
const NO_SIGNALING = undefined as unknown as ConstructorParameters<typeof WebrtcConn>[0]

/** lib0 and Yjs allocate plain buffers; their declarations are older than typed ones. */
function own(bytes: Uint8Array): Bytes {
  return bytes as Bytes
}
