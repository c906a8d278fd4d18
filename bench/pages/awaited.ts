/** Values that come at some time, for those who ask before and after. */
export class Awaited<Key, Value> {
  private readonly entries = new Map<Key, { promise: Promise<Value>; resolve: (value: Value) => void }>()

  /** The first value of a key counts. */
  settle(key: Key, value: Value): void {
    this.entry(key).resolve(value)
  }

  get(key: Key): Promise<Value> {
    return this.entry(key).promise
  }

  private entry(key: Key) {
    const known = this.entries.get(key)
    if (known) return known
    let resolve: (value: Value) => void = () => undefined
    const promise = new Promise<Value>((settle) => (resolve = settle))
    const entry = { promise, resolve }
    this.entries.set(key, entry)
    return entry
  }
}
