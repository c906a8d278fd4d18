import { createEncoder, toUint8Array, writeVarUint, writeVarUint8Array } from 'lib0/encoding'
import * as Y from 'yjs'

import type { Bytes } from '../../src/base/bytes.ts'
import type { SessionId } from '../../src/base/ids.ts'
import { utf8 } from '../../src/base/bytes.ts'
import { AUTHORS, RECORDS } from '../../src/documents/inspection.ts'
import type { SideChannel, SideChannelOffer } from '../../src/mesh/side-channel.ts'
import {
  type AttributeRecord,
  encodeRecord,
  recordPlace,
  recordSigningInput,
} from '../../src/protocol/attribute-record.ts'
import {
  decodeDocumentLabel,
  decodeDocumentMessage,
  type DocumentLabel,
  type DocumentMessage,
  encodeDocumentLabel,
  encodeDocumentMessage,
  type Generation,
  type Holding,
  NOT_HERE,
} from '../../src/protocol/document-messages.ts'
import type { Peer } from '../../src/protocol/peer.ts'
import { APP } from '../support/credentials.ts'
import { pass } from '../support/pass-time.ts'
import { type Holder, type Identity, LOBBY } from './holder.ts'
import type { Network, Participant } from './network.ts'

const SYNC_STEP_1 = 0
const SYNC_STEP_2 = 1
const UPDATE = 2

/** A document channel at whose end nobody keeps to the rules. */
export class RawChannel {
  /** All that came. */
  readonly messages: Uint8Array[] = []
  isOpen = false
  isClosed = false
  refusal: Uint8Array | undefined
  channel: SideChannel | undefined
  onMessage: (message: Uint8Array) => void = () => undefined

  readonly events = {
    message: (message: Uint8Array) => {
      this.messages.push(message)
      this.onMessage(message)
    },
    drained: () => undefined,
    opened: () => {
      this.isOpen = true
    },
    refused: (answer: Uint8Array) => {
      this.refusal = answer
    },
    closed: () => {
      this.isClosed = true
    },
  }

  send(message: Uint8Array): void {
    this.channel?.send(new Uint8Array(message))
  }

  sendUpdate(update: Uint8Array): void {
    this.send(syncMessage(UPDATE, update))
  }

  /** Keeps a document in step with the other side, as y-webrtc does, but passes nothing on. */
  follow(doc: Y.Doc): void {
    this.onMessage = (message) => {
      const { step, body } = parts(message)
      if (step === SYNC_STEP_1) this.send(syncMessage(SYNC_STEP_2, Y.encodeStateAsUpdate(doc, body)))
      else Y.applyUpdate(doc, body)
    }
    for (const message of this.messages.splice(0)) this.events.message(message)
    this.send(syncMessage(SYNC_STEP_1, Y.encodeStateVector(doc)))
  }
}

/** A user with a good credential who says whatever a test wants. */
export class Mallory implements Participant {
  readonly peer: Peer
  /** What others said to her, in the order it came. */
  readonly heard: { readonly from: SessionId; readonly message: DocumentMessage }[] = []
  readonly offers: { readonly offer: SideChannelOffer; readonly label: DocumentLabel }[] = []
  onOffer: (offer: SideChannelOffer, label: DocumentLabel) => void = (offer) => offer.refuse(NOT_HERE)
  onMessage: (from: Peer, message: DocumentMessage) => void = () => undefined

  constructor(
    readonly identity: Identity,
    readonly credential: string,
    private readonly network: Network,
  ) {
    this.peer = identity.peer
  }

  offered(offer: SideChannelOffer): void {
    const label = decodeDocumentLabel(offer.label)
    if (!label) return offer.refuse(NOT_HERE)
    this.offers.push({ offer, label })
    this.onOffer(offer, label)
  }

  receive(from: Peer, bytes: Bytes): void {
    const message = decodeDocumentMessage(bytes)
    if (!message) return
    this.heard.push({ from: from.sessionId, message })
    this.onMessage(from, message)
  }

  linked(): void {}

  unlinked(): void {}

  /** Everybody takes her for a member. */
  isMemberFor(...holders: Holder[]): void {
    for (const { document } of holders) document.addHolder(this.peer)
  }

  say(to: Participant, message: DocumentMessage): void {
    this.network.send(this.peer, to.peer, encodeDocumentMessage(message))
  }

  sayBytes(to: Participant, bytes: Bytes): void {
    this.network.send(this.peer, to.peer, bytes)
  }

  /** What somebody says it has. */
  async ask(to: Holder): Promise<Digest & { readonly holding: { readonly generation: Generation } }> {
    this.say(to, { ...NO_DOCUMENT, wantsAnswer: true })
    await pass(to.parts.clock, 50)
    const digests = this.heard.filter(
      ({ from, message }) => from === to.peer.sessionId && message.type === 'digest',
    )
    const last = digests.at(-1)?.message
    if (last?.type !== 'digest' || !last.holding.generation) throw new Error('It says that it has nothing')
    return { ...last, holding: { ...last.holding, generation: last.holding.generation } }
  }

  open(to: Participant, holding: Holding): RawChannel {
    const raw = new RawChannel()
    const label = encodeDocumentLabel({ channelId: LOBBY, ...holding })
    raw.channel = this.network.openChannel(this.peer, to.peer, label, raw.events)
    return raw
  }

  accept(offer: SideChannelOffer): RawChannel {
    const raw = new RawChannel()
    raw.isOpen = true
    raw.channel = offer.accept(raw.events)
    return raw
  }

  /** Replicates what this holder has, in a document of her own. */
  async join(to: Holder): Promise<{ readonly doc: Y.Doc; readonly channel: RawChannel }> {
    const { holding } = await this.ask(to)
    const channel = this.open(to, holding)
    const doc = new Y.Doc()
    doc.clientID = 666
    await pass(to.parts.clock, 50)
    channel.follow(doc)
    await pass(to.parts.clock, 50)
    return { doc, channel }
  }

  /** Makes a document so large that these holders of it begin anew. */
  async inflate(...holders: Holder[]): Promise<void> {
    const junk = new Y.Doc()
    junk.clientID = 667
    for (let i = 0; i < 13; i++) junk.getMap(RECORDS).set(`junk${i}`, new Uint8Array(8 * 1024))
    const channels: RawChannel[] = []
    for (const holder of holders) channels.push((await this.join(holder)).channel)
    for (const channel of channels) channel.sendUpdate(Y.encodeStateAsUpdate(junk))
    for (const { parts } of holders.slice(0, 1)) await pass(parts.clock, 8_000)
  }

  /** Signed as an honest session does it. */
  async record(
    change: Partial<AttributeRecord> & { clock: number },
  ): Promise<{ place: string; bytes: Bytes }> {
    const { userId, sessionId } = this.peer
    const record = { key: 'mallory', value: 'hers', userId, sessionId, ...change }
    const signature = await this.identity.signingKey.sign(recordSigningInput(APP, LOBBY, record))
    return { place: recordPlace(record), bytes: encodeRecord({ ...record, signature }) }
  }

  /** A document that she makes up, with her own credential in it. */
  async document(clientID: number, ...records: { place: string; bytes: Bytes }[]): Promise<Y.Doc> {
    const doc = new Y.Doc()
    doc.clientID = clientID
    doc.transact(() => {
      for (const { place, bytes } of records) doc.getMap(RECORDS).set(place, bytes)
      doc.getMap(AUTHORS).set(this.peer.sessionId, utf8(this.credential))
    })
    return Promise.resolve(doc)
  }
}

export type Digest = Extract<DocumentMessage, { type: 'digest' }>

export const NO_DOCUMENT: Digest = {
  type: 'digest',
  holding: { generation: undefined, isLive: false },
  stateVector: new Uint8Array([0]),
  hashByKeyId: new Map(),
  wantsAnswer: false,
  isFetching: false,
}

let generationCount = 0

/** A generation that nobody has made yet. */
export function newGeneration(createdAt: number, parent = ''): Generation {
  return { createdAt, id: (++generationCount).toString(16).padStart(16, '0'), parent }
}

export function syncMessage(step: number, body: Uint8Array): Uint8Array {
  const encoder = createEncoder()
  writeVarUint(encoder, 0)
  writeVarUint(encoder, step)
  writeVarUint8Array(encoder, body)
  return toUint8Array(encoder)
}

export function parts(message: Uint8Array): { readonly step: number; readonly body: Uint8Array } {
  let at = 2
  while ((message[at] ?? 0) > 127) at += 1
  return { step: message[1] ?? 0, body: message.subarray(at + 1) }
}
