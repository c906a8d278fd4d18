/** A short word at the foot of the page, for what has no other place. */
import { find } from './dom.ts'
import { copy, inviteLink } from './invite.ts'
import type { ChatModel } from './model.ts'

const SHOWN_MS = 6_000
let timer: ReturnType<typeof setTimeout> | undefined

export function toast(sentence: string): void {
  const element = find('#toast', HTMLElement)
  element.hidden = false
  element.textContent = sentence
  clearTimeout(timer)
  timer = setTimeout(() => (element.hidden = true), SHOWN_MS)
}

export async function copyInvite(model: ChatModel): Promise<void> {
  const link = inviteLink(model.channel)
  toast(
    (await copy(link)) ? 'Invite link copied.' : `The browser did not let the page copy. The link is ${link}`,
  )
}
