/** What stands where the first message will be. */
import { button, make } from './dom.ts'
import { inviteLink, invitesOnlyThisComputer } from './invite.ts'
import { peerOf } from './model.ts'
import type { ChatModel } from './model.ts'
import { copyInvite } from './toast.ts'

/** Built again only when what it says changes, so that a focused button in it stays focused. */
export function emptyState(place: HTMLElement, model: ChatModel): void {
  const peer = peerOf(model.open)
  const kind =
    peer !== undefined
      ? `${model.people.has(peer) ? 'peer' : 'away'} ${peer}`
      : model.people.size === 0
        ? `alone ${model.reach} ${model.channel}`
        : 'quiet'
  const names = kind === 'quiet' ? listOf([...model.people]) : ''
  if (place.dataset['shows'] === `${kind} ${names}`) return
  place.dataset['shows'] = `${kind} ${names}`
  if (peer !== undefined) {
    place.replaceChildren(
      make('h2', {}, `Only you and ${peer} read this`),
      make(
        'p',
        {},
        model.people.has(peer)
          ? 'Private messages travel from your browser to theirs. No server stores them.'
          : `${peer} is not in the channel. If they are away, what you write is kept in this browser until you are both here, for 7 days at most.`,
      ),
    )
  } else if (kind === 'quiet') {
    place.replaceChildren(make('h2', {}, 'Say hello'), make('p', {}, `${names} will read it.`))
  } else {
    place.replaceChildren(...alone(model))
  }
}

function alone(model: ChatModel): HTMLElement[] {
  const link = inviteLink(model.channel)
  const address = make('input', {
    class: 'invite-link',
    readonly: '',
    'aria-label': 'Invite link',
    value: link,
  })
  address.addEventListener('focus', () => address.select())
  const second = make(
    'a',
    { class: 'button', href: link, target: '_blank', rel: 'noopener' },
    'Open a second user in a new tab',
  )
  const parts = [
    make('h2', {}, 'You are alone here'),
    make(
      'p',
      {},
      model.reach === 'browser'
        ? 'Open this link in another tab of this browser.'
        : 'Open this link in another tab or send it to a friend.',
    ),
    address,
    make(
      'div',
      { class: 'empty-actions' },
      button('Copy link', 'button primary', () => void copyInvite(model)),
      second,
    ),
  ]
  if (model.reach !== 'browser' && invitesOnlyThisComputer()) {
    parts.push(
      make(
        'p',
        { class: 'panel-note' },
        'This address works on this computer only. For another device, open the page under this computer’s address in the network and send that link.',
      ),
    )
  }
  return parts
}

function listOf(names: string[]): string {
  if (names.length > 4) return `${names.slice(0, 3).join(', ')} and ${names.length - 3} others`
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`
}
