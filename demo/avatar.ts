/** A person as a coloured letter; the colour follows from the name, so that it is the same on every screen. */
import { make } from './dom.ts'

export function hueOf(userId: string): number {
  let hash = 0
  for (const character of userId) hash = (hash * 31 + character.charCodeAt(0)) >>> 0
  return (hash * 137) % 360
}

export function initialsOf(userId: string): string {
  const words = userId.split(/[^A-Za-z0-9]+/).filter((word) => word !== '')
  const letters =
    words.length > 1 ? `${words[0]?.[0] ?? ''}${words.at(-1)?.[0] ?? ''}` : (words[0] ?? userId).slice(0, 1)
  return letters.toUpperCase()
}

export function avatar(userId: string): HTMLElement {
  const element = make('span', { class: 'avatar', 'aria-hidden': 'true' }, initialsOf(userId))
  element.style.setProperty('--hue', `${hueOf(userId)}`)
  return element
}
