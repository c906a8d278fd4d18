import { consoleLog } from '../base/logger.ts'
import { guarded } from '../rtm/callbacks.ts'

type Listener = (...args: never[]) => unknown
/** `any`, as the official declarations have it there. */
type Anything = ReturnType<typeof JSON.parse>
/**
 * What the listener of an event is called with. Of just this form, as the compiler compares two generic methods only if
 * their conditional types ask for the same: else our objects could not stand where official ones are expected.
 */
export type ListenerType<Event> = [Event] extends [(...args: infer Args) => Anything] ? Args : never
type EventMap<Events> = { [Name in keyof Events]: Listener }

interface Entry {
  readonly listener: Listener
  /** What is called: the listener, or what takes it away first. */
  readonly call: Listener
}

/** A program that adds more to one event most likely adds them again and again. Of all objects, unless one has its own. */
let defaultMaxListeners = 10

/**
 * Events as of Node's `EventEmitter`: all its methods that do something for a program. A listener that throws stops
 * nobody else's: what it throws is reported as an uncaught error.
 */
export class RtmEmitter<Events extends EventMap<Events>> {
  // Functions, so that a framework that wraps this object in a Proxy does not wrap what is behind it.
  private readonly entries: () => Map<keyof Events, readonly Entry[]>
  private readonly warned: () => Set<keyof Events>
  private maxListeners: number | undefined = undefined

  constructor() {
    const entries = new Map<keyof Events, readonly Entry[]>()
    const warned = new Set<keyof Events>()
    this.entries = () => entries
    this.warned = () => warned
  }

  /**
   * When one event of one object has more listeners than so many, the console warns, once; 0 for any number. It is one
   * for all objects, whichever class it is set of. Throws a `RangeError` for what is no number, or negative.
   */
  static get defaultMaxListeners(): number {
    return defaultMaxListeners
  }

  /** Counts at once, for all objects that have no number of their own. */
  static set defaultMaxListeners(count: number) {
    defaultMaxListeners = checkedLimit(count)
  }

  /** Has the listener called at each event of this name from now on, after those that were added before. */
  on<Name extends keyof Events>(
    eventName: Name,
    listener: (...args: ListenerType<Events[Name]>) => unknown,
  ): this {
    return this.add(eventName, listener, false, false)
  }

  /** The same as `on`. */
  addListener<Name extends keyof Events>(
    eventName: Name,
    listener: (...args: ListenerType<Events[Name]>) => unknown,
  ): this {
    return this.add(eventName, listener, false, false)
  }

  /** Has the listener called at the next event of this name only. */
  once<Name extends keyof Events>(
    eventName: Name,
    listener: (...args: ListenerType<Events[Name]>) => unknown,
  ): this {
    return this.add(eventName, listener, true, false)
  }

  /** As `on`, before those that were added before. */
  prependListener<Name extends keyof Events>(
    eventName: Name,
    listener: (...args: ListenerType<Events[Name]>) => unknown,
  ): this {
    return this.add(eventName, listener, false, true)
  }

  /** As `once`, before those that were added before. */
  prependOnceListener<Name extends keyof Events>(
    eventName: Name,
    listener: (...args: ListenerType<Events[Name]>) => unknown,
  ): this {
    return this.add(eventName, listener, true, true)
  }

  /** Takes a listener away, once: of several additions the latest. One that is not there does no harm. */
  off<Name extends keyof Events>(eventName: Name, listener: (...args: never[]) => unknown): this {
    const entries = this.of(eventName)
    const last = entries.filter((entry) => entry.listener === listener || entry.call === listener).at(-1)
    const rest = entries.filter((entry) => entry !== last)
    if (last) this.keep(eventName, rest)
    return this
  }

  /** The same as `off`. */
  removeListener<Name extends keyof Events>(eventName: Name, listener: (...args: never[]) => unknown): this {
    return this.off(eventName, listener)
  }

  /** Takes all listeners of an event away, or, without a name, those of all events. */
  removeAllListeners<Name extends keyof Events>(eventName?: Name): this {
    if (eventName === undefined) this.entries().clear()
    else this.entries().delete(eventName)
    return this
  }

  /** The listeners of an event, in the order in which they are called. */
  listeners<Name extends keyof Events>(eventName: Name): ((...args: never[]) => unknown)[] {
    return this.of(eventName).map(({ listener }) => listener)
  }

  /** The same, where one that was added by `once` is what takes it away and calls it. */
  rawListeners<Name extends keyof Events>(eventName: Name): ((...args: never[]) => unknown)[] {
    return this.of(eventName).map(({ call }) => call)
  }

  /** How many listeners an event has. */
  listenerCount<Name extends keyof Events>(eventName: Name): number {
    return this.of(eventName).length
  }

  /** The events that have listeners. */
  eventNames(): (keyof Events)[] {
    return [...this.entries().keys()]
  }

  /** As `defaultMaxListeners` of the class, for this object. */
  setMaxListeners(count: number): this {
    this.maxListeners = checkedLimit(count)
    return this
  }

  /** What `setMaxListeners` has set, or the default. */
  getMaxListeners(): number {
    return this.maxListeners ?? defaultMaxListeners
  }

  /** Calls the listeners of an event now. False if it has none. */
  emit<Name extends keyof Events>(eventName: Name, ...args: ListenerType<Events[Name]>): boolean {
    const entries = this.of(eventName)
    for (const { call } of entries) guarded(() => void Reflect.apply(call, this, args))
    return entries.length > 0
  }

  private add(eventName: keyof Events, listener: Listener, isOnce: boolean, isFirst: boolean): this {
    if (typeof listener !== 'function')
      throw new TypeError(`The listener of ${String(eventName)} must be a function`)
    let isOver = false
    const call: Listener = isOnce
      ? (...args) => {
          // Taken away already, by an event inside this one, such as that of a `login` in a listener.
          if (isOver) return undefined
          isOver = true
          this.off(eventName, call)
          return listener.apply(this, args)
        }
      : listener
    const entry = { listener, call }
    const before = this.of(eventName)
    this.keep(eventName, isFirst ? [entry, ...before] : [...before, entry])
    const limit = this.getMaxListeners()
    const warned = this.warned()
    if (limit <= 0 || before.length < limit || warned.has(eventName)) return this
    warned.add(eventName)
    consoleLog(
      'warn',
      `More than ${limit} listeners of ${String(eventName)}: are they added again and again? setMaxListeners(0) if all are meant`,
    )
    return this
  }

  private of(eventName: keyof Events): readonly Entry[] {
    return this.entries().get(eventName) ?? []
  }

  private keep(eventName: keyof Events, entries: readonly Entry[]): void {
    if (entries.length > 0) this.entries().set(eventName, entries)
    else this.entries().delete(eventName)
  }
}

/** Also of programs without types. */
function checkedLimit(count: number): number {
  if (typeof count === 'number' && count >= 0) return count
  throw new RangeError(`A number of listeners is 0 or more, and not ${String(count)}`)
}
