/** What was said, newest at the bottom, with its heading. */
import { find, keep, make, perFrame } from './dom.ts'
import { emptyState } from './empty-state.ts'
import { linkWord } from './links.ts'
import { createEntry, discardEntry, showDelivery } from './message-view.ts'
import { peerOf } from './model.ts'
import type { ChatModel, Conversation, ConversationId, Entry, Message } from './model.ts'

/** Messages of one person within this time belong together. */
const GROUP_MS = 5 * 60_000
/** This close to the end, new messages keep the end in sight. */
const NEAR_END_PIXELS = 80

interface Acts {
  backToChannel: () => void
  sendAgain: (conversation: ConversationId, message: Message) => void
}

export function conversationView(model: ChatModel, acts: Acts): void {
  const scroll = find('#talk-scroll', HTMLElement)
  const empty = find('#talk-empty', HTMLElement)
  const latest = find('#talk-latest', HTMLButtonElement)
  const back = find('#talk-back', HTMLButtonElement)
  let list = find('#talk-list', HTMLOListElement)
  let shown: Conversation | undefined

  const isNearEnd = (): boolean =>
    scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR_END_PIXELS
  const goToEnd = (): void => scroll.scrollTo({ top: scroll.scrollHeight })
  back.addEventListener('click', acts.backToChannel)
  latest.addEventListener('click', () => {
    goToEnd()
    scroll.focus({ preventScroll: true })
  })
  scroll.addEventListener('scroll', () => {
    if (isNearEnd()) latest.hidden = true
  })
  // A picture that has just decoded, a keyboard that has opened, a composer that has grown: the end stays in sight.
  let wasNearEnd = true
  scroll.addEventListener('scroll', () => (wasNearEnd = isNearEnd()), { passive: true })
  const keepEnd = new ResizeObserver(() => wasNearEnd && goToEnd())
  keepEnd.observe(scroll)
  keepEnd.observe(list)

  function showHead(): void {
    const peer = peerOf(model.open)
    back.hidden = peer === undefined
    find('#talk-invite', HTMLElement).hidden = peer !== undefined
    const name = find('#talk-name', HTMLElement)
    name.textContent = peer ?? model.channel
    find('#talk-heading', HTMLElement).classList.toggle('channel-name', peer === undefined)
    find('#talk-lock', SVGElement).toggleAttribute('hidden', peer === undefined)
    find('#talk-about', HTMLElement).textContent = peer === undefined ? channelAbout() : peerAbout(peer)
    const hasMessages = model.conversation(model.open).entries.some((entry) => entry.kind === 'message')
    empty.hidden = hasMessages
    if (!hasMessages) emptyState(empty, model)
  }

  function channelAbout(): string {
    const count = model.people.size + 1
    if (count === 1) return 'Only you'
    return model.reach === 'browser'
      ? `${count} people, in this browser`
      : `${count} people, browser to browser`
  }

  function peerAbout(peer: string): string {
    return model.people.has(peer)
      ? `Private, between you two · ${linkWord(model.links.get(peer))}`
      : 'Private, between you two · not in the channel'
  }

  function showEntries(): void {
    const conversation = model.conversation(model.open)
    if (conversation === shown) return
    const isOther = conversation.id !== shown?.id
    const stay = !isOther && !isNearEnd()
    const grew = conversation.entries.at(-1)?.id !== shown?.entries.at(-1)?.id
    const last = conversation.entries.at(-1)
    shown = conversation
    if (isOther) {
      for (const element of list.children) discardEntry(element)
      const fresh = make('ol', { id: 'talk-list', class: 'entries' })
      list.replaceWith(fresh)
      keepEnd.unobserve(list)
      keepEnd.observe(fresh)
      list = fresh
    }
    const gone = new Set<Element>(list.children)
    const { entries } = conversation
    const places = new Map(entries.map((entry, index) => [entry.id, index]))
    keep(
      list,
      entries,
      ({ id }) => id,
      (entry) => createEntry(entry, isMine(entry), (message) => acts.sendAgain(conversation.id, message)),
      (element, entry) => {
        gone.delete(element)
        const place = places.get(entry.id) ?? 0
        element.classList.toggle('starts', !belongTogether(entries[place - 1], entry))
        element.classList.toggle('ends', !belongTogether(entry, entries[place + 1]))
        element.classList.toggle('quiet', saysTheSame(entry, entries[place + 1]))
        if (entry.kind === 'message') showDelivery(element, entry.delivery)
      },
    )
    for (const element of gone) discardEntry(element)
    if (!stay || (grew && last && isMine(last))) goToEnd()
    else if (grew && last?.kind === 'message') latest.hidden = false
    if (isOther) latest.hidden = true
  }

  const isMine = (entry: Entry): boolean => entry.kind === 'message' && entry.delivery !== undefined

  function show(): void {
    showHead()
    showEntries()
  }
  const showSoon = perFrame(show)
  for (const event of ['conversations', 'open', 'people', 'links'] as const) model.on(event, showSoon)
  show()
}

/** Nothing to say under this one that the next one of its group does not say as well. */
function saysTheSame(one: Entry, next: Entry | undefined): boolean {
  if (one.kind !== 'message' || next?.kind !== 'message' || !belongTogether(one, next)) return false
  if (one.delivery === undefined) return one.wasKept === next.wasKept
  if (one.delivery.at !== 'delivered' && one.delivery.at !== 'kept') return false
  return next.delivery?.at === 'sending' || sentenceOf(next) === one.delivery.sentence
}

const sentenceOf = ({ delivery }: Message): string | undefined =>
  delivery === undefined || delivery.at === 'sending' ? undefined : delivery.sentence

function belongTogether(one: Entry | undefined, other: Entry | undefined): boolean {
  return (
    one?.kind === 'message' &&
    other?.kind === 'message' &&
    one.from === other.from &&
    other.time - one.time < GROUP_MS
  )
}
