/**
 * What every library of the benchmark is asked to do, so that the work is the same. A page is one user. What a library
 * does not have it leaves out; it is not imitated, and its cell of the table stays empty.
 */
export interface Contender {
  /**
   * Everything that can be done without a network: makes objects, loads what is loaded later. Not measured.
   *
   * @param options.me this page's name, `p0`, `p1`, …: each page is known to the others by it
   * @param options.server where this library's own signaling server is
   */
  prepare(options: { readonly me: string; readonly server: string }): Promise<void>
  /**
   * "Go": connects to the signaling server and enters the room. May resolve before anybody is linked.
   *
   * @param onlyTo this page is to be linked to nobody else, where it is for the page to say
   */
  enter(room: string, onlyTo?: string): Promise<void>
  /** Enters a second room, with the same connections where the library can. */
  enterSecond?(room: string): Promise<void>
  /** Who can be written to in this room now, by name. `onPeer` is called when that changes. */
  peers(room: string): readonly string[]
  onPeer: (() => void) | undefined
  /**
   * To one peer, in order and reliably. Where the library acknowledges, the promise is its acknowledgement by the
   * receiving page; else it resolves when the library has taken the message. It must not lose any, however many are
   * written: a library without backpressure is slowed down here by what it waits for (`bufferedAmount`). A library for
   * shared documents has no messages.
   */
  send?(peer: string, data: Uint8Array): Promise<void>
  /** Whether `send` is acknowledged by the receiver; where not, `measures.ts` has the receiver echo. */
  readonly acknowledges: boolean
  /** To all who are in the room, in order and reliably, as above. */
  broadcast?(room: string, data: Uint8Array): Promise<void>
  /** Of one peer or of a room. `from` is a name. */
  onMessage: ((from: string, data: Uint8Array, room: string | undefined) => void) | undefined
  /** Writes a value that all in the room share, and that who comes later gets too. */
  setShared?(room: string, key: string, value: string): Promise<void>
  onShared?: ((room: string, key: string, value: string) => void) | undefined
  /** Says goodbye, as a page does that is put away. */
  leave(): Promise<void>
  /**
   * Whether this, which the page sends to the signaling server, is meant for one other page, to be linked to it. Where
   * it is left out, all that pages send to the server counts.
   */
  isSignal?(frame: string): boolean
  /** What is in a packet of a data channel, where the library puts several messages into one. */
  framesIn?(packet: Uint8Array): { readonly data: number; readonly acknowledgements: number }
}

declare global {
  interface Window {
    /** Set by each library's page when it has loaded. */
    contender: Contender
  }
}
