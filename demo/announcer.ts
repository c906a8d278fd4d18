/** New messages for those who listen, and the number of unread ones in the title for those who look elsewhere. */
import { find } from './dom.ts'
import { peerOf } from './model.ts'
import type { ChatModel, Message } from './model.ts'

const LONGEST_SPOKEN = 200

export function announcer(model: ChatModel): void {
  const place = find('#announcer', HTMLElement)
  model.on('spoken', (message, conversation) => {
    const where = peerOf(conversation) === undefined ? '' : ' privately'
    const when = message.wasKept ? ', while you were away' : ''
    tell(`${message.from}${where}${when}: ${spoken(message)}`)
  })
  model.on('topic', (change) => {
    if (change !== undefined) tell(change)
  })

  function tell(sentence: string): void {
    const line = document.createElement('p')
    line.textContent = sentence
    place.append(line)
    while (place.childElementCount > 5) place.firstElementChild?.remove()
  }

  function title(): void {
    const unread = [...model.conversations.values()].reduce(
      (sum, conversation) => sum + conversation.unread,
      0,
    )
    const isInside = model.stage.at === 'inside' || model.stage.at === 'out'
    document.title = `${unread > 0 ? `(${unread}) ` : ''}${isInside ? `${model.channel} · ` : ''}rtm-mesh`
  }
  model.on('conversations', title)
  model.on('stage', title)
  title()
}

function spoken({ content }: Message): string {
  if (content.kind === 'file') return `sent ${content.name}`
  return content.text.length > LONGEST_SPOKEN ? `${content.text.slice(0, LONGEST_SPOKEN)}…` : content.text
}
