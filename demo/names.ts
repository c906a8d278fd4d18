/** Names of people and channels: what the RTM API allows, a friendly suggestion, and this tab's memory. */

export const LONGEST_NAME = 64

/** The characters of user and channel ids in the RTM API: letters, digits, space and these signs. */
const allowed = /^[a-zA-Z0-9 !#$%&()+\-:;<=.>?@[\]^_{}|~,]$/

const moods = (
  'Amber Ample Bold Brave Bright Brisk Calm Candid Cheery Clever Cosy Dapper Daring Eager Early Fair Fearless Fond Gentle ' +
  'Glad Golden Happy Hardy Honest Humble Jolly Keen Kind Lively Lucky Mellow Merry Mild Misty Nimble Noble Patient Plucky ' +
  'Polite Proud Quick Quiet Ready Rosy Silver Sleek Snowy Spry Steady Sunny Swift Tidy Upbeat Velvet Warm Wise Witty'
).split(' ')
const animals = (
  'Badger Beaver Bee Bison Camel Cricket Crane Deer Dolphin Dove Egret Falcon Ferret Finch Fox Gecko Gull Hare Hedgehog ' +
  'Heron Ibis Jackdaw Koala Kestrel Lark Lemur Lynx Magpie Marten Mole Moth Newt Orca Otter Owl Panda Pelican Penguin ' +
  'Petrel Puffin Quail Rabbit Raven Robin Salmon Seal Shrew Sparrow Squid Stork Swan Tapir Tern Turtle Vole Wombat Wren'
).split(' ')

const pick = (list: readonly string[]): string => list[Math.floor(Math.random() * list.length)] ?? 'Somebody'

export const suggestName = (): string => `${pick(moods)} ${pick(animals)}`

/** What was meant: no space around it, single spaces within, letters without accents. */
export function tidyName(text: string): string {
  return text.normalize('NFD').replace(/\p{M}/gu, '').replace(/\s+/g, ' ').trim()
}

/** A tidy channel name; people write the # that they see in front of it. */
export const tidyChannel = (text: string): string => tidyName(text).replace(/^#+/, '').trim()

/** Why this cannot be a name, in a sentence; `undefined` when it can. */
export function nameProblem(name: string, what: 'name' | 'channel name'): string | undefined {
  if (name === '') return `Please choose a ${what}.`
  if (name === 'null') return `“null” cannot be used as a ${what}. Please choose another one.`
  const characters = [...name]
  const wrong = [...new Set(characters.filter((character) => !allowed.test(character)))]
  if (wrong.length > 0) {
    const proposal = tidyName(characters.filter((character) => allowed.test(character)).join(''))
    const which = wrong.slice(0, 5).join(' ')
    const hint = proposal === '' ? 'Use letters from A to Z, digits and spaces.' : `How about “${proposal}”?`
    return `A ${what} cannot contain ${which} here. ${hint}`
  }
  if (name.length > LONGEST_NAME) return `A ${what} has at most ${LONGEST_NAME} characters.`
  return undefined
}

// Per tab: a second tab is a second person. Storage may be forbidden (private windows, embedded pages); then nothing is remembered.

const key = 'rtm-mesh-demo'

export interface Remembered {
  readonly name: string
  /** The tab was in the chat when it was last seen, so a reload goes back in. */
  readonly inside: boolean
}

export function recall(): Remembered | undefined {
  try {
    const value: unknown = JSON.parse(sessionStorage.getItem(key) ?? 'null')
    if (typeof value !== 'object' || value === null || !('name' in value) || !('inside' in value))
      return undefined
    return typeof value.name === 'string' ? { name: value.name, inside: value.inside === true } : undefined
  } catch {
    return undefined
  }
}

/** False when the browser does not let the page remember; then a reload starts with a new name. */
export function remember(what: Remembered): boolean {
  try {
    sessionStorage.setItem(key, JSON.stringify(what))
    return true
  } catch {
    return false
  }
}
