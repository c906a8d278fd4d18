/** Results in the order in which they were asked for, whichever comes first. */
export class InOrder {
  private last: Promise<void> = Promise.resolve()

  after<T>(result: Promise<T>, take: (result: T) => void): void {
    this.last = this.last
      .then(() => result)
      // By itself: a mistake in there is reported, and what comes next is taken all the same.
      .then((taken) => queueMicrotask(() => take(taken)))
  }
}
