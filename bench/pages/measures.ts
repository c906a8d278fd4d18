import { Awaited } from './awaited.ts'
import type { Contender } from './contender.ts'
import { Greetings } from './greetings.ts'
import { DATA, ECHO, HELLO, type Mail, PING, POST, read, write } from './mail.ts'

/** So many messages that a sender has not seen settled are on their way, whatever the library is. */
const WINDOW_COUNT = 1_024
/** The same in bytes, for large ones. */
const WINDOW_BYTES = 4 * 1024 * 1024

const SMALL_BYTES = 100

/** A clock that all pages of a machine share, in milliseconds. */
const now = (): number => performance.timeOrigin + performance.now()

/** What is done with each library, and how it is timed: the same code for all. */
export class Measures {
  /** What went wrong; a workload ends with a look at it. */
  readonly failures: string[] = []
  private me = ''
  /** The first one that was entered. */
  private room = ''
  private readonly rooms = new Set<string>()
  private readonly greetings: Greetings
  /** When the last message of each batch came. */
  private readonly batches = new Awaited<number, number>()
  /** Of pings, and of the ends of batches. */
  private readonly echoes = new Awaited<string, number>()
  /** When each value of a room was there. */
  private readonly values = new Awaited<string, number>()
  private readonly nextNumbers = new Map<string, number>()

  constructor(private readonly contender: Contender) {
    this.greetings = new Greetings(
      contender,
      () => this.me,
      now,
      (work) => this.settle(work),
    )
    contender.onMessage = (from, data, room) => this.attempt(() => this.hear(from, read(data), room))
    contender.onShared = (room, key, value) => {
      this.values.settle(`${room} ${key} ${value}`, now())
      this.greetings.hearShared(room, key)
    }
    contender.onPeer = () => this.rooms.forEach((room) => this.greetings.greetEach(room))
  }

  async prepare(me: string, server: string): Promise<void> {
    this.me = me
    await this.contender.prepare({ me, server })
  }

  /** "Go": when it was. From now on everybody who can be written to is sent a hello. */
  enter(room: string, onlyTo?: string): number {
    this.room = room
    this.rooms.add(room)
    const startedAt = now()
    this.settle(this.contender.enter(room, onlyTo))
    return startedAt
  }

  /** Enters all of these, for who is in several; resolves when that is done. */
  async enterAll(rooms: readonly string[]): Promise<void> {
    const [first = '', ...others] = rooms
    rooms.forEach((room) => this.rooms.add(room))
    this.room = first
    await this.contender.enter(first)
    for (const room of others) await this.contender.enterSecond?.(room)
  }

  /** When the first and the last of their hellos came. */
  untilHeard(names: readonly string[]): Promise<{ firstAt: number; lastAt: number }> {
    return this.greetings.untilHeard(this.room, names)
  }

  hasSecondRooms(): boolean {
    return this.contender.enterSecond !== undefined
  }

  /** Enters a second room at this moment, says hello to all in it once they can be reached there, and hears the same of them. */
  async meetIn(
    room: string,
    names: readonly string[],
    at: number,
  ): Promise<{ startedAt: number; heardAt: number }> {
    const { contender, greetings } = this
    await new Promise((resolve) => setTimeout(resolve, at - now()))
    contender.onPeer = () => greetings.greetAll(room, names)
    const startedAt = now()
    this.settle(contender.enterSecond?.(room) ?? Promise.reject(new Error('There is no second room')))
    const { lastAt } = await greetings.untilHeard(room, names)
    return { startedAt, heardAt: lastAt }
  }

  hasMessages(): boolean {
    return this.contender.send !== undefined
  }

  /** Milliseconds of each of these round trips, one after the other. */
  async roundTrips(peer: string, batch: number, count: number): Promise<number[]> {
    const times: number[] = []
    for (let number = 0; number < count; number++) {
      const ping = write({ kind: PING, batch, number, total: count }, SMALL_BYTES)
      const startedAt = performance.now()
      const sent = this.send(peer, ping)
      if (this.contender.acknowledges) await sent
      else await Promise.all([sent, this.echoes.get(`${batch} ${number}`)])
      times.push(performance.now() - startedAt)
    }
    return times
  }

  /** Milliseconds until the peer has all of these messages, as far as this page knows. */
  async pour(peer: string, batch: number, count: number, size: number): Promise<number> {
    const startedAt = performance.now()
    await this.sendAll(DATA, batch, count, size, (data) => this.send(peer, data))
    if (!this.contender.acknowledges) await this.echoes.get(`${batch} ${count - 1}`)
    return performance.now() - startedAt
  }

  /** Sends all of these messages to the room; when that began. */
  async publish(batch: number, count: number, size: number): Promise<number> {
    const startedAt = now()
    await this.sendAll(POST, batch, count, size, (data) => this.broadcast(data))
    return startedAt
  }

  /** When the last message of the batch was here. */
  untilBatch(batch: number): Promise<number> {
    return this.batches.get(batch)
  }

  hasShared(): boolean {
    return this.contender.setShared !== undefined
  }

  /** Writes a value that the room shares; when that began. */
  share(key: string, value: string): number {
    const startedAt = now()
    this.settle(
      this.contender.setShared?.(this.room, key, value) ?? Promise.reject(new Error('Nothing is shared')),
    )
    return startedAt
  }

  /** When the value was here. */
  untilShared(key: string, value: string): Promise<number> {
    return this.values.get(`${this.room} ${key} ${value}`)
  }

  /** From now on what is sent on data channels is kept for `framesSent`. */
  keepPackets(): void {
    window.outgoing.packets = []
  }

  /** Messages and acknowledgements in what was sent since `keepPackets`; nothing where the library does not say. */
  framesSent(): { data: number; acknowledgements: number } | undefined {
    const packets = window.outgoing.packets ?? []
    window.outgoing.packets = undefined
    if (!this.contender.framesIn) return undefined
    const sum = { data: 0, acknowledgements: 0 }
    for (const packet of packets) {
      const { data, acknowledgements } = this.contender.framesIn(packet)
      sum.data += data
      sum.acknowledgements += acknowledgements
    }
    return sum
  }

  /** How many of the frames to the server were for one other page. */
  signalsSent(): number {
    const { isSignal } = this.contender
    return window.outgoing.serverFrames.filter((frame) => isSignal?.(frame) ?? true).length
  }

  /** Keeps so many messages on their way, and resolves when each is settled. */
  private sendAll(
    kind: number,
    batch: number,
    count: number,
    size: number,
    send: (data: Uint8Array) => Promise<void>,
  ): Promise<void> {
    const room = Math.max(1, Math.min(WINDOW_COUNT, Math.floor(WINDOW_BYTES / size)))
    return new Promise((resolve, reject) => {
      let [next, settledCount, isFilling] = [0, 0, false]
      const settled = (): void => {
        settledCount += 1
        if (settledCount === count) resolve()
        else if (!isFilling) fill()
      }
      const fill = (): void => {
        isFilling = true
        while (next < count && next - settledCount < room) {
          send(write({ kind, batch, number: next, total: count }, size)).then(settled, reject)
          next += 1
        }
        isFilling = false
      }
      fill()
    })
  }

  private hear(from: string, mail: Mail, room = this.room): void {
    const { kind, batch, number, total } = mail
    if (kind === HELLO) this.greetings.hear(room, from)
    else if (kind === PING) this.echo(from, mail)
    else if (kind === ECHO) this.echoes.settle(`${batch} ${number}`, now())
    else if (kind === DATA || kind === POST) {
      const expected = this.nextNumbers.get(`${batch} ${from}`) ?? 0
      if (number !== expected) this.failures.push(`${from} sent ${number} where ${expected} was expected`)
      this.nextNumbers.set(`${batch} ${from}`, number + 1)
      if (number < total - 1) return
      this.batches.settle(batch, now())
      if (kind === DATA) this.echo(from, mail)
    } else this.failures.push(`${from} sent something of kind ${kind}`)
  }

  /** Only where the library itself does not acknowledge. */
  private echo(to: string, { batch, number }: Mail): void {
    if (this.contender.acknowledges) return
    this.settle(this.send(to, write({ kind: ECHO, batch, number, total: 1 }, SMALL_BYTES)))
  }

  private send(peer: string, data: Uint8Array): Promise<void> {
    return this.contender.send?.(peer, data) ?? Promise.reject(new Error('There are no messages'))
  }

  private broadcast(data: Uint8Array): Promise<void> {
    return this.contender.broadcast?.(this.room, data) ?? Promise.reject(new Error('There are no messages'))
  }

  private settle(work: Promise<unknown>): void {
    work.catch((error: unknown) => this.failures.push(String(error)))
  }

  private attempt(work: () => void): void {
    try {
      work()
    } catch (error) {
      this.failures.push(String(error))
    }
  }
}

declare global {
  interface Window {
    measures: Measures
  }
}

window.measures = new Measures(window.contender)
