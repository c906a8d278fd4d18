import { getEventListeners } from 'node:events'

type Given = Parameters<EventTarget['addEventListener']>

/** A place where events happen that knows how many listen there. */
export class CountedTarget extends EventTarget {
  private readonly types = new Set<string>()

  get listenerCount(): number {
    return [...this.types].reduce((sum, type) => sum + getEventListeners(this, type).length, 0)
  }

  /**
   * Signals are honoured here: of several listeners of one target that share a signal, Node holds all but the last so
   * weakly that its garbage collector may keep them from being removed.
   */
  override addEventListener(type: Given[0], callback: Given[1], options?: Given[2]): void {
    const { signal, ...others } = typeof options === 'object' ? options : { capture: options === true }
    if (signal?.aborted === true) return
    this.types.add(type)
    super.addEventListener(type, callback, others)
    signal?.addEventListener('abort', () => this.removeEventListener(type, callback, others))
  }
}
