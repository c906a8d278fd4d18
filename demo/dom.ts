/** The few things about the document that every view needs. Text always goes in as text, never as markup. */

type Child = Node | string | undefined

export function find<T extends Element>(selector: string, type: abstract new (...args: never[]) => T): T {
  const element = document.querySelector(selector)
  if (!(element instanceof type)) throw new Error(`The page has no ${type.name} at ${selector}`)
  return element
}

export function make<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.append(...children.filter((child) => child !== undefined))
  return element
}

export function makeSvg<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.append(...children.filter((child) => child !== undefined))
  return element
}

export function icon(name: string): SVGSVGElement {
  return makeSvg('svg', { 'aria-hidden': 'true' }, makeSvg('use', { href: `#icon-${name}` }))
}

export function button(label: string, className: string, act: () => void): HTMLButtonElement {
  const element = make('button', { type: 'button', class: className }, label)
  element.addEventListener('click', act)
  return element
}

/** Shows the sentence, or hides the element when there is none. An unchanged sentence is not announced again. */
export function say(element: HTMLElement, sentence: string | undefined): void {
  if (element.textContent !== (sentence ?? '')) element.textContent = sentence ?? ''
  element.hidden = !sentence
}

/** A version of `show` that may be called at any rate: it runs once before the next picture is drawn. */
export function perFrame(show: () => void): () => void {
  let isAsked = false
  return () => {
    if (isAsked) return
    isAsked = true
    requestAnimationFrame(() => {
      isAsked = false
      show()
    })
  }
}

/**
 * Makes the children of `parent` those of `items`, in order. Elements are kept by key, so that focus, scroll position and
 * running animations survive.
 */
export function keep<T>(
  parent: Element,
  items: Iterable<T>,
  keyOf: (item: T) => string,
  create: (item: T) => Element,
  update: (element: Element, item: T) => void = () => {},
): void {
  const old = new Map<string, Element>()
  for (const child of parent.children) old.set(child.getAttribute('data-key') ?? '', child)
  let place = parent.firstElementChild
  for (const item of items) {
    const key = keyOf(item)
    let element = old.get(key)
    old.delete(key)
    if (!element) {
      element = create(item)
      element.setAttribute('data-key', key)
    }
    update(element, item)
    if (element === place) place = place.nextElementSibling
    else parent.insertBefore(element, place)
  }
  for (const gone of old.values()) gone.remove()
}
