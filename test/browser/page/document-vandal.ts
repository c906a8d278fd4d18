import { createEncoder, encode, toUint8Array, writeVarUint, writeVarUint8Array } from 'lib0/encoding'
import * as Y from 'yjs'

import { utf8 } from '../../../src/base/bytes.ts'
import type { AppId, ChannelId, UserId } from '../../../src/base/ids.ts'
import type { SideChannel } from '../../../src/mesh/side-channel.ts'
import {
  type AttributeRecord,
  encodeRecord,
  recordPlace,
  recordSigningInput,
} from '../../../src/protocol/attribute-record.ts'
import { decode } from '../../../src/protocol/codec.ts'
import { writeChannelAnswer } from '../../../src/protocol/frames.ts'
import type { Mallory } from './mallory.ts'

const SYNC = 0
const STEP_1 = 0
const STEP_2 = 1
const UPDATE = 2

/** Mallory with a replica of a channel's document, to which he does what no replica does. */
export class DocumentVandal {
  /** What the victim has, as it says. */
  readonly doc = new Y.Doc()
  isClosed = false
  private readonly waiting = new Set<() => void>()

  private constructor(
    private readonly mallory: Mallory,
    private readonly appId: AppId,
    private readonly channelId: ChannelId,
    private channel: SideChannel | undefined,
  ) {}

  /** Accepts the document that the victim offers on the open link. */
  static async take(mallory: Mallory, appId: string, channelId: string): Promise<DocumentVandal> {
    const { number } = await mallory.frame('channel')
    const vandal = new DocumentVandal(mallory, appId as AppId, channelId as ChannelId, undefined)
    vandal.channel = mallory.openChannel(number, {
      message: (message) => vandal.receive(message),
      drained: () => undefined,
      closed: () => {
        vandal.isClosed = true
        vandal.wake()
      },
    })
    mallory.sendPacket([...encode((packet) => writeChannelAnswer(packet, number, true, new Uint8Array(0)))])
    vandal.say(STEP_1, Y.encodeStateVector(vandal.doc))
    return vandal
  }

  get records(): Y.Map<Uint8Array> {
    return this.doc.getMap('records')
  }

  /** Until the victim's document is here with a record at this place. */
  async until(place: string): Promise<void> {
    while (!this.records.has(place)) await new Promise<void>((resolve) => this.waiting.add(resolve))
  }

  async closed(): Promise<void> {
    while (!this.isClosed) await new Promise<void>((resolve) => this.waiting.add(resolve))
  }

  /** Whatever `write` does to a copy of the document, under any client id. */
  tell(write: (doc: Y.Doc) => void, clientId?: number): void {
    const copy = new Y.Doc()
    Y.applyUpdate(copy, Y.encodeStateAsUpdate(this.doc))
    if (clientId !== undefined) copy.clientID = clientId
    const before = Y.encodeStateVector(copy)
    write(copy)
    this.say(UPDATE, Y.encodeStateAsUpdate(copy, before))
  }

  /** The client id under which the record at this place was written. */
  writerOf(place: string): number {
    return this.records._map.get(place)?.id.client ?? 0
  }

  /** A record that Mallory signs with his own key, whoever is said to be its author. */
  async record(
    record: Pick<AttributeRecord, 'key' | 'value' | 'clock'> & { userId: string },
  ): Promise<[place: string, bytes: Uint8Array]> {
    const { sessionId, signingKey } = this.mallory.identity
    const whole = { ...record, userId: record.userId as UserId, sessionId }
    const signature = await signingKey.sign(recordSigningInput(this.appId, this.channelId, whole))
    return [recordPlace(whole), encodeRecord({ ...whole, signature })]
  }

  /** Mallory's own credential, where those of authors stand. */
  putCredential(doc: Y.Doc): void {
    doc.getMap('authors').set(this.mallory.identity.sessionId, utf8(this.mallory.credential))
  }

  private say(step: number, body: Uint8Array): void {
    const message = createEncoder()
    writeVarUint(message, SYNC)
    writeVarUint(message, step)
    writeVarUint8Array(message, body)
    this.channel?.send(new Uint8Array(toUint8Array(message)))
  }

  private receive(message: Uint8Array): void {
    decode(message, (reader) => {
      reader.varUint()
      const step = reader.varUint()
      const body = reader.varBytes()
      if (step === STEP_1) this.say(STEP_2, Y.encodeStateAsUpdate(this.doc, body))
      else Y.applyUpdate(this.doc, body)
      return true
    })
    this.wake()
  }

  private wake(): void {
    const waiting = [...this.waiting]
    this.waiting.clear()
    for (const resolve of waiting) resolve()
  }
}
