/** A link in words and as a style: what the people list and the drawing of the mesh both say. */
import type { Link } from './model.ts'

export type LinkLook = 'direct' | 'relayed' | 'opening' | 'none'

export function lookOf(link: Link | undefined): LinkLook {
  if (!link) return 'none'
  if (link.path === 'direct' || link.path === 'tab') return 'direct'
  if (link.path === 'relay') return 'relayed'
  return 'opening'
}

/** Short, for a list. */
export function linkWord(link: Link | undefined): string {
  if (!link) return 'not linked'
  if (link.path === 'direct') return `linked directly${roundTrip(link)}`
  if (link.path === 'tab') return 'linked within this browser'
  if (link.path === 'relay') return 'through a neighbour'
  return link.state || 'not linked'
}

/** All that is known, as a sentence. */
export function linkSentence(userId: string, link: Link | undefined): string {
  if (!link) return `${userId}: not linked yet.`
  const parts = [linkWord(link)]
  if (link.state && !parts[0]?.includes(link.state)) parts.push(link.state)
  const way = wayInWords(link)
  if (way) parts.push(way)
  if (link.lastError) parts.push(`last problem: ${link.lastError}`)
  return `${userId}: ${parts.join(', ')}.`
}

const roundTrip = ({ roundTripMs }: Link): string =>
  roundTripMs === undefined ? '' : `, ${roundTripMs < 1 ? 'under 1' : Math.round(roundTripMs)} ms`

/** From the kinds of the two addresses that the browsers agreed on. */
function wayInWords({ near, far }: Link): string | undefined {
  if (near === 'relay' || far === 'relay') return 'by way of a TURN server'
  if (near === 'srflx' || far === 'srflx') return 'across the internet'
  return near === 'host' && far === 'host' ? 'on the same network' : undefined
}
