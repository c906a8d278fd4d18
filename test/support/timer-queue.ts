import type { Cancel } from '../../src/base/clock.ts'

export interface Timer {
  readonly at: number
  readonly run: () => void
}

interface Place extends Timer {
  readonly number: number
  isCancelled: boolean
}

/**
 * Timers in the order of their times, then of their making: a binary heap, as a simulation has hundreds of them and
 * asks for the first a million times. Those that are cancelled stay in it until their turn comes.
 */
export class TimerQueue {
  private readonly heap: Place[] = []
  private lastNumber = 0
  private cancelledCount = 0

  get size(): number {
    return this.heap.length - this.cancelledCount
  }

  get first(): Timer | undefined {
    while (this.heap[0]?.isCancelled === true) {
      this.cancelledCount -= 1
      this.removeTop()
    }
    return this.heap[0]
  }

  add(at: number, run: () => void): Cancel {
    const place: Place = { at, run, number: ++this.lastNumber, isCancelled: false }
    this.heap.push(place)
    this.rise(this.heap.length - 1)
    return () => {
      if (place.isCancelled) return
      place.isCancelled = true
      this.cancelledCount += 1
    }
  }

  removeFirst(): void {
    if (!this.first) return
    const [first] = this.heap
    // To cancel it from now on changes nothing.
    if (first) first.isCancelled = true
    this.removeTop()
  }

  private removeTop(): void {
    const last = this.heap.pop()
    if (!last || this.heap.length === 0) return
    this.heap[0] = last
    this.sink()
  }

  private rise(from: number): void {
    for (let i = from; i > 0;) {
      const parent = (i - 1) >> 1
      if (!this.isBefore(i, parent)) return
      this.swap(i, parent)
      i = parent
    }
  }

  private sink(): void {
    for (let i = 0; ;) {
      let least = i
      for (const child of [2 * i + 1, 2 * i + 2]) if (this.isBefore(child, least)) least = child
      if (least === i) return
      this.swap(i, least)
      i = least
    }
  }

  private isBefore(i: number, j: number): boolean {
    const [a, b] = [this.heap[i], this.heap[j]]
    if (!a || !b) return false
    return a.at < b.at || (a.at === b.at && a.number < b.number)
  }

  private swap(i: number, j: number): void {
    const [a, b] = [this.heap[i], this.heap[j]]
    if (a && b) [this.heap[i], this.heap[j]] = [b, a]
  }
}
