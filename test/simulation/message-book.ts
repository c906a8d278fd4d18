import type { ChannelId, SessionId, UserId } from '../../src/base/ids.ts'
import type { LinkTimes } from './link-times.ts'
import type { Login } from './login.ts'
import type { SimulatedPage } from './page.ts'

export interface Reception {
  readonly at: number
  readonly by: Login
  readonly isOffline: boolean
}

export interface Message {
  readonly number: number
  readonly from: Login
  readonly at: number
  readonly to:
    | {
        readonly kind: 'peer'
        readonly userId: UserId
        readonly isKept: boolean
        /** The session of the receiver that the sender knew of. */
        readonly known: SessionId | undefined
      }
    /** The members as the sender knew them, by their sessions. */
    | { readonly kind: 'channel'; readonly channelId: ChannelId; readonly members: readonly Login[] }
  result: string | undefined
  answeredAt: number | undefined
  /** In whose streams it was when it was answered. */
  owedTo: ReadonlySet<SessionId>
  readonly receptions: Reception[]
}

/** Answers after which a message must never arrive. */
const REFUSALS = new Set([
  'peer-unreachable',
  'overflow',
  'too-often',
  'not-logged-in',
  'aborted',
  'not-in-channel',
  'invalid-message',
])

export interface BookWorld {
  readonly now: number
  readonly logins: ReadonlyMap<SessionId, Login>
  readonly linkTimes: LinkTimes
}

/** A receiver says that it has an offline message for good when its disk has it: at most 2 s later, and a tick. */
const RECEIPT_AFTER_MS = 2_500

/** Every message with its answer and its arrivals; what contradicts the promises is told to `broken` at once. */
export class MessageBook {
  readonly all: Message[] = []
  private readonly lastByStream = new Map<string, number>()

  constructor(
    private readonly world: BookWorld,
    private readonly broken: (sentence: string) => void,
  ) {}

  private now(): number {
    return this.world.now
  }

  add(from: Login, to: Message['to']): Message {
    const number = this.all.length
    const message: Message = {
      number,
      from,
      at: this.now(),
      to,
      result: undefined,
      answeredAt: undefined,
      owedTo: new Set(),
      receptions: [],
    }
    this.all.push(message)
    return message
  }

  answered(message: Message, result: string, owedTo: ReadonlySet<SessionId> = new Set()): void {
    if (message.result !== undefined) this.broken(`${describe(message)} was answered twice, now ${result}`)
    message.result = result
    message.answeredAt = this.now()
    message.owedTo = owedTo
    if (REFUSALS.has(result) && message.receptions.length > 0)
      this.broken(`${describe(message)} had arrived, and is answered ${result}`)
  }

  received(page: SimulatedPage, number: number, from: UserId, isOffline: boolean): void {
    const message = this.all[number]
    const by = page.login
    if (!message || !by) return this.broken(`${page.name} received message ${number}, which nobody sent`)
    if (message.from.userId !== from) this.broken(`${describe(message)} came as from ${from}`)
    const before = message.receptions.filter((reception) => this.isSame(message, reception, by, isOffline))
    if (before.length > 0) this.broken(`${describe(message)} came twice to ${page.name}`)
    if (message.result !== undefined && REFUSALS.has(message.result))
      this.broken(`${describe(message)} came to ${page.name} after it was answered ${message.result}`)
    message.receptions.push({ at: this.now(), by, isOffline })
    this.keepOrder(message, by)
  }

  /**
   * One of a channel has many receivers. A peer message comes once; but what waited on a disk comes again to another
   * browser of its receiver, as nothing there knows of it, if the sender's was not told that the first one had it.
   */
  private isSame({ to, from }: Message, reception: Reception, by: Login, isOffline: boolean): boolean {
    if (to.kind === 'channel') return reception.by === by
    if (!isOffline || !reception.isOffline || reception.by.browser === by.browser) return true
    const senders = [...this.world.logins.values()].filter(
      ({ userId, browser }) => userId === from.userId && browser === from.browser,
    )
    const since = reception.at + RECEIPT_AFTER_MS
    return senders.some((sender) => this.world.linkTimes.mustHaveArrived(reception.by, sender, since))
  }

  private keepOrder({ number, from, to }: Message, by: Login): void {
    const stream = `${from.sessionId} ${by.sessionId} ${to.kind === 'peer' ? 'peer' : to.channelId}`
    const last = this.lastByStream.get(stream) ?? -1
    if (number < last) this.broken(`${describe(this.all[number])} came after ${describe(this.all[last])}`)
    this.lastByStream.set(stream, Math.max(number, last))
  }
}

export function isRefused({ result }: Message): boolean {
  return result !== undefined && REFUSALS.has(result)
}

export function describe(message: Message | undefined): string {
  if (!message) return 'a message'
  const { number, from, to } = message
  const receiver =
    to.kind === 'channel' ? `channel ${to.channelId}` : `${to.userId}${to.isKept ? ' (kept)' : ''}`
  return `message ${number} of ${from.name} to ${receiver}`
}
