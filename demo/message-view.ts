/** One line of a conversation. Nothing from others becomes markup; their pictures are shown only when they really decode. */
import { avatar } from './avatar.ts'
import { bytesInWords } from './attachments.ts'
import { icon, make } from './dom.ts'
import type { Content, Delivery, Entry, Message, Note } from './model.ts'
import { recognise } from './pictures.ts'

const timeOfDay = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' })
const dayAndTimeOfDay = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' })
const dayAndTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' })

/** The addresses that this page gave to blobs, to be taken back with the element. */
const addresses = new WeakMap<Element, string>()

export function createEntry(
  entry: Entry,
  isMine: boolean,
  sendAgain: (message: Message) => void,
): HTMLElement {
  return entry.kind === 'note' ? createNote(entry) : createMessage(entry, isMine, sendAgain)
}

export function discardEntry(element: Element): void {
  const address = addresses.get(element)
  if (address !== undefined) URL.revokeObjectURL(address)
}

function createNote({ text }: Note): HTMLElement {
  return make('li', { class: 'note' }, text)
}

function createMessage(
  message: Message,
  isMine: boolean,
  sendAgain: (message: Message) => void,
): HTMLElement {
  const element = make('li', { class: isMine ? 'message mine' : 'message' })
  const time = make(
    'time',
    { datetime: new Date(message.time).toISOString() },
    isToday(message.time) ? timeOfDay.format(message.time) : dayAndTimeOfDay.format(message.time),
  )
  time.title = dayAndTime.format(message.time)
  const again = make('button', { type: 'button', class: 'again', hidden: '' }, 'Send again')
  again.addEventListener('click', () => sendAgain(message))
  element.append(
    isMine ? '' : avatar(message.from),
    make(
      'div',
      { class: 'message-body' },
      make('p', { class: isMine ? 'from visually-hidden' : 'from' }, isMine ? 'You' : message.from),
      message.content.kind === 'text'
        ? textBubble(message.content.text)
        : fileBubble(element, message.content, isMine),
      make(
        'p',
        { class: 'meta' },
        time,
        message.wasKept ? make('span', {}, 'Sent while you were away') : undefined,
        make('span', { class: 'delivery' }),
        again,
      ),
    ),
  )
  return element
}

export function showDelivery(element: Element, delivery: Delivery | undefined): void {
  const line = element.querySelector<HTMLElement>('.delivery')
  const again = element.querySelector<HTMLElement>('.again')
  if (!line || !again || !delivery) return
  const sentence = delivery.at === 'sending' ? 'Sending…' : delivery.sentence
  if (line.textContent !== sentence) line.textContent = sentence
  again.hidden = delivery.at !== 'unknown' && delivery.at !== 'failed'
  element.setAttribute('data-delivery', delivery.at)
}

/** What was kept may be of another day. */
const isToday = (time: number): boolean => new Date(time).toDateString() === new Date().toDateString()

function textBubble(text: string): HTMLElement {
  const bubble = make('p', { class: 'bubble', dir: 'auto' })
  // Odd places are the addresses. A full stop or bracket at the end belongs to the sentence around them.
  for (const [index, part] of text.split(/(https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]}'])/).entries()) {
    if (index % 2 === 0) bubble.append(part)
    else bubble.append(make('a', { href: part, target: '_blank', rel: 'noopener noreferrer nofollow' }, part))
  }
  return bubble
}

function fileBubble(element: Element, file: Content & { kind: 'file' }, isMine: boolean): HTMLElement {
  const kind = recognise(file.bytes)
  // Anything else is handed out as bytes without a type, so that no browser runs or renders it.
  const address = URL.createObjectURL(
    new Blob([file.bytes], { type: kind?.type ?? 'application/octet-stream' }),
  )
  addresses.set(element, address)
  const download = (): HTMLElement => downloadBubble(file, address, isMine)
  if (!kind) return download()

  const picture = make('img', { src: address, alt: `Picture: ${file.name}`, decoding: 'async' })
  picture.width = kind.width
  picture.height = kind.height
  const link = make(
    'a',
    { class: 'bubble picture', href: address, download: file.name, title: `Save ${file.name}` },
    picture,
  )
  picture.addEventListener('error', () => link.replaceWith(download()))
  return link
}

function downloadBubble(file: Content & { kind: 'file' }, address: string, isMine: boolean): HTMLElement {
  const about = isMine
    ? bytesInWords(file.bytes.length)
    : `${bytesInWords(file.bytes.length)}, save it only if you trust them`
  return make(
    'a',
    { class: 'bubble file', href: address, download: file.name },
    icon('file'),
    make(
      'span',
      {},
      make('span', { class: 'file-name' }, file.name),
      make('span', { class: 'file-about' }, about),
    ),
  )
}
