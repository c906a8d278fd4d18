/** The channel in the address, and the link that brings others to it. */
import { tidyChannel } from './names.ts'

const defaultChannel = 'lobby'

export function channelOfAddress(): string {
  try {
    return tidyChannel(decodeURIComponent(location.hash.slice(1))) || defaultChannel
  } catch {
    return defaultChannel // a broken % sequence
  }
}

export const hashOf = (channel: string): string => `#${encodeURIComponent(channel)}`

export const inviteLink = (channel: string): string =>
  `${location.origin}${location.pathname}${location.search}${hashOf(channel)}`

/** A link to localhost leads nobody but this computer here. */
export const invitesOnlyThisComputer = (): boolean =>
  /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(location.hostname)

export function showChannelInAddress(channel: string): void {
  if (location.hash !== hashOf(channel)) history.replaceState(null, '', hashOf(channel))
}

/** False when the browser lets the page copy in neither way; then the link must be shown, to be copied by hand. */
export async function copy(text: string): Promise<boolean> {
  if (!('clipboard' in navigator)) return copyBySelection(text) // a page on plain http
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copyBySelection(text)
  }
}

function copyBySelection(text: string): boolean {
  const focused = document.activeElement
  const area = document.createElement('textarea')
  area.value = text
  area.className = 'visually-hidden'
  document.body.append(area)
  area.select()
  const isCopied = document.execCommand('copy')
  area.remove()
  if (focused instanceof HTMLElement) focused.focus()
  return isCopied
}
