import { Awaited } from './awaited.ts'
import type { Contender } from './contender.ts'
import { HELLO, write } from './mail.ts'

const HELLO_BYTES = 100

/** Who is not heard for this long will not be heard; the slowest need a fifth of it on two slow cores. */
const PATIENCE_MS = 15_000

/** A key of the shared values, where there are no messages to say hello with. */
const HELLO_KEY = 'hello '

/**
 * Everybody says hello to everybody, once: so it is known when all could really talk to each other, whatever a library
 * takes for being linked. Where there are no messages a shared value says it, and counts when there is a connection to
 * its author, too, as it may have come by others.
 */
export class Greetings {
  private readonly said = new Set<string>()
  /** Who could be written to in each room when this was last looked at. */
  private readonly greeted = new Map<string, readonly string[]>()
  private readonly heard = new Awaited<string, number>()
  /** Values of whom there is no connection to yet. */
  private readonly awaited = new Set<string>()

  constructor(
    private readonly contender: Contender,
    private readonly me: () => string,
    private readonly now: () => number,
    private readonly settle: (work: Promise<unknown>) => void,
  ) {}

  /**
   * To each who can be written to in this room; again to who could not be for a while, as a library that has replaced a
   * connection may have lost what was on it.
   */
  greetEach(room: string): void {
    const { contender } = this
    if (!contender.send) return this.shareHello(room)
    const present = contender.peers(room)
    const absent = (this.greeted.get(room) ?? []).filter((name) => !present.includes(name))
    for (const name of absent) this.said.delete(`${room} ${name}`)
    this.greeted.set(room, present)
    for (const name of present) {
      if (this.isFirst(`${room} ${name}`)) this.settle(contender.send(name, hello()))
    }
  }

  /** To the room, once all of these can be reached in it. */
  greetAll(room: string, names: readonly string[]): void {
    const { contender } = this
    if (!contender.broadcast) return this.shareHello(room)
    const present = contender.peers(room)
    if (!names.every((name) => present.includes(name)) || !this.isFirst(room)) return
    this.settle(contender.broadcast(room, hello()))
  }

  hear(room: string, from: string): void {
    this.heard.settle(`${room} ${from}`, this.now())
  }

  hearShared(room: string, key: string): void {
    if (key.startsWith(HELLO_KEY)) this.awaited.add(`${room} ${key.slice(HELLO_KEY.length)}`)
    this.look(room)
  }

  /** When the first and the last of their hellos came. */
  async untilHeard(room: string, names: readonly string[]): Promise<{ firstAt: number; lastAt: number }> {
    const heard = new Map<string, number>()
    const listening = names.map(async (name) => heard.set(name, await this.heard.get(`${room} ${name}`)))
    let timer: ReturnType<typeof setTimeout> | undefined
    const isOver = new Promise<void>((resolve) => (timer = setTimeout(resolve, PATIENCE_MS)))
    await Promise.race([Promise.all(listening), isOver])
    clearTimeout(timer)
    const missing = names.filter((name) => !heard.has(name))
    if (missing.length > 0) {
      const present = this.contender.peers(room)
      throw new Error(`${this.me()} could write to ${present.join()} and has not heard ${missing.join()}`)
    }
    const times = [...heard.values()]
    return { firstAt: Math.min(...times), lastAt: Math.max(...times) }
  }

  private shareHello(room: string): void {
    const { contender } = this
    this.look(room)
    if (contender.peers(room).length === 0 || !this.isFirst(room)) return
    this.settle(contender.setShared?.(room, HELLO_KEY + this.me(), 'hello') ?? Promise.resolve())
  }

  private look(room: string): void {
    for (const name of this.contender.peers(room)) {
      if (this.awaited.has(`${room} ${name}`)) this.hear(room, name)
    }
  }

  private isFirst(what: string): boolean {
    if (this.said.has(what)) return false
    this.said.add(what)
    return true
  }
}

function hello(): Uint8Array {
  return write({ kind: HELLO, batch: 0, number: 0, total: 1 }, HELLO_BYTES)
}
