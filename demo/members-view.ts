/** Everyone one can write to: the channel, the people in it, those who left it, and those with whom something private was said. */
import { avatar } from './avatar.ts'
import { find, keep, make, perFrame } from './dom.ts'
import { linkWord, lookOf } from './links.ts'
import { peerConversation } from './model.ts'
import type { ChatModel, ConversationId } from './model.ts'

interface Row {
  readonly id: ConversationId
  readonly userId: string | undefined
  readonly about: string
  readonly look: string
}

export function membersView(model: ChatModel, open: (conversation: ConversationId) => void): void {
  const channelList = find('#channel-list', HTMLElement)
  const peopleList = find('#people-list', HTMLElement)

  function create({ id, userId }: Row): HTMLElement {
    const face =
      userId === undefined
        ? make('span', { class: 'avatar channel', 'aria-hidden': 'true' }, '#')
        : avatar(userId)
    const row = make(
      'button',
      { type: 'button', class: 'person' },
      make(
        'span',
        { class: 'face' },
        face,
        userId === undefined ? undefined : make('span', { class: 'dot' }),
      ),
      make(
        'span',
        { class: 'person-words' },
        make('span', { class: 'person-name' }),
        make('span', { class: 'person-about' }),
      ),
      make('span', { class: 'badge' }),
    )
    row.addEventListener('click', () => open(id))
    return make('li', {}, row)
  }

  function update(element: Element, { id, userId, about, look }: Row): void {
    const row = element.querySelector('button')
    if (!row) return
    const { unread } = model.conversation(id)
    row.dataset['look'] = look
    row.title =
      userId === undefined ? `Everybody in ${model.channel}` : `${userId}: ${about}. Write privately.`
    if (model.open === id) row.setAttribute('aria-current', 'true')
    else row.removeAttribute('aria-current')
    set(row, '.person-name', userId ?? model.channel)
    set(row, '.person-about', about)
    const badge = row.querySelector<HTMLElement>('.badge')
    if (!badge) return
    badge.hidden = unread === 0
    badge.replaceChildren(badgeText(unread), make('span', { class: 'visually-hidden' }, ' unread'))
  }

  function show(): void {
    const people = [...model.people]
    const everybody = people.length === 0 ? 'only you so far' : `everybody, ${people.length + 1} people`
    keep(
      channelList,
      [{ id: 'channel' as const, userId: undefined, about: everybody, look: 'channel' }],
      rowKey,
      create,
      update,
    )
    const rows: Row[] = people.map((userId) => {
      const id = peerConversation(userId)
      const isSilent = model.standings.get(userId) === 'unreachable'
      if (isSilent) return { id, userId, about: 'unreachable just now', look: 'silent' }
      const link = model.links.get(userId)
      return { id, userId, about: linkWord(link), look: lookOf(link) }
    })
    for (const userId of model.formerly) {
      const isOffline = model.standings.get(userId) === 'offline'
      const about = isOffline ? 'not in the channel, offline' : 'not in the channel'
      rows.push({ id: peerConversation(userId), userId, about, look: 'away' })
    }
    keep(peopleList, rows, rowKey, create, update)
    find('#people-count', HTMLElement).textContent = people.length === 0 ? '' : `${people.length}`
    find('#people-note', HTMLElement).textContent =
      rows.length === 0 ? 'Nobody else is here yet.' : 'Choose somebody to write to them alone.'
    badge('#tab-unread', model.conversation('channel').unread)
    badge('#tab-private', privateUnread(model))
  }

  const showSoon = perFrame(show)
  for (const event of ['people', 'links', 'standings', 'conversations', 'open'] as const)
    model.on(event, showSoon)
  show()
}

export function privateUnread(model: ChatModel): number {
  return [...model.conversations.values()]
    .filter(({ id }) => id !== 'channel')
    .reduce((sum, { unread }) => sum + unread, 0)
}

const rowKey = ({ id }: Row): string => id
const badgeText = (count: number): string => (count > 99 ? '99+' : `${count}`)

function set(row: Element, selector: string, text: string): void {
  const element = row.querySelector(selector)
  if (element && element.textContent !== text) element.textContent = text
}

function badge(selector: string, count: number): void {
  const element = find(selector, HTMLElement)
  element.hidden = count === 0
  element.replaceChildren(badgeText(count), make('span', { class: 'visually-hidden' }, ' unread'))
}
