import type { PagePlaces } from '../../src/rtm/page-events.ts'
import { CountedTarget } from '../support/counted-target.ts'

class CountedDocument extends CountedTarget {
  visibilityState: 'visible' | 'hidden' = 'visible'
}

class PageTransition extends Event {
  constructor(
    type: 'pagehide' | 'pageshow',
    /** It goes to the back/forward cache, or comes from there. */
    readonly persisted: boolean,
  ) {
    super(type)
  }
}

/** The window and the document of a simulated page, on which its browser tells it what happens to it. */
export class SimulatedPlaces implements PagePlaces {
  readonly window = new CountedTarget()
  readonly document = new CountedDocument()

  constructor(public isOnline: boolean) {}

  get listenerCount(): number {
    return this.window.listenerCount + this.document.listenerCount
  }

  hide(isKept: boolean): void {
    this.window.dispatchEvent(new PageTransition('pagehide', isKept))
    this.setVisible(false)
  }

  /** From the back/forward cache, in the order in which browsers tell of it. */
  showAgain(): void {
    this.resume()
    this.setVisible(true)
    this.window.dispatchEvent(new PageTransition('pageshow', true))
  }

  /** It was frozen, and runs again. */
  resume(): void {
    this.document.dispatchEvent(new Event('resume'))
  }

  setVisible(isVisible: boolean): void {
    const state = isVisible ? 'visible' : 'hidden'
    if (this.document.visibilityState === state) return
    this.document.visibilityState = state
    this.document.dispatchEvent(new Event('visibilitychange'))
  }

  setOnline(isOnline: boolean): void {
    this.isOnline = isOnline
    this.window.dispatchEvent(new Event(isOnline ? 'online' : 'offline'))
  }
}
