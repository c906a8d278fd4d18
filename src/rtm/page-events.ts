import type { Cancel } from '../base/clock.ts'

/** What a browser tells a page about itself, as far as it matters to those it is connected with. */
export interface PageEvents {
  /** It goes for good. Told again if the browser stopped this before its end. */
  closed(): void
  /** It is put away; it may be shown again, or never. Told again like `closed`. */
  putAway(): void
  shownAgain(): void
  /** It is looked at again, or runs again after it was frozen: what was connected may not be any more. */
  woke(): void
  network(isThere: boolean): void
}

/** Where they happen. A page has both; Node has neither. */
export interface PagePlaces {
  readonly window: EventTarget | undefined
  readonly document: (EventTarget & { readonly visibilityState: string }) | undefined
  readonly isOnline: boolean | undefined
}

/** Tells what happens until it is cancelled; at once if there is no network now. */
export function listenToPage(events: PageEvents, places: PagePlaces = thisPage()): Cancel {
  const { window, document, isOnline } = places
  const end = new AbortController()
  const on = (target: EventTarget | undefined, type: string, heard: (event: Event) => void): void =>
    target?.addEventListener(type, heard, { signal: end.signal })
  // Firefox stops what runs while it closes a tab, without an error, and goes on with the next listener (version 140: one
  // goodbye in six ended after its first words). That begins anew if the first did not come to its end.
  let done: Event | undefined
  for (let attempt = 0; attempt < 2; attempt++) {
    on(window, 'pagehide', (event) => {
      if (done === event) return
      if (isKept(event)) events.putAway()
      else events.closed()
      done = event
    })
  }
  on(window, 'pageshow', (event) => (isKept(event) ? events.shownAgain() : events.woke()))
  on(window, 'online', () => events.network(true))
  on(window, 'offline', () => events.network(false))
  on(document, 'resume', () => events.woke())
  on(document, 'visibilitychange', () => {
    if (document?.visibilityState === 'visible') events.woke()
  })
  if (isOnline === false) events.network(false)
  return () => end.abort()
}

/** Whether the back/forward cache is where the page goes, or comes from. */
function isKept(event: Event): boolean {
  return 'persisted' in event && event.persisted === true
}

function thisPage(): PagePlaces {
  const { document, navigator } = globalThis as Partial<typeof globalThis>
  const window = document && globalThis
  return { window, document, isOnline: navigator?.onLine }
}
