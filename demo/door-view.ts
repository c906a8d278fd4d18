/** The page before the chat: a name, a channel, a button. */
import { find, say } from './dom.ts'
import { channelOfAddress } from './invite.ts'
import type { ChatModel } from './model.ts'
import { nameProblem, suggestName, tidyChannel, tidyName } from './names.ts'

/** After this long, say that it is unusual. */
const SLOW_AFTER_MS = 3_000

export function doorView(
  model: ChatModel,
  firstName: string,
  acts: { enter: (name: string, channel: string) => void; cancel: () => void },
): void {
  const door = find('#door', HTMLElement)
  const form = find('#door-form', HTMLFormElement)
  const name = find('#door-name', HTMLInputElement)
  const channel = find('#door-channel', HTMLInputElement)
  const nameProblemLine = find('#door-name-problem', HTMLElement)
  const channelProblemLine = find('#door-channel-problem', HTMLElement)
  const dice = find('#door-dice', HTMLButtonElement)
  const enter = find('#door-enter', HTMLButtonElement)
  const cancel = find('#door-cancel', HTMLButtonElement)
  const progress = find('#door-progress', HTMLElement)
  let slowTimer: ReturnType<typeof setTimeout> | undefined

  name.value = firstName
  channel.value = channelOfAddress()

  function complain(input: HTMLInputElement, line: HTMLElement, problem: string | undefined): void {
    say(line, problem)
    if (problem === undefined) input.removeAttribute('aria-invalid')
    else input.setAttribute('aria-invalid', 'true')
    const hint = input === channel ? 'door-channel-hint ' : ''
    input.setAttribute('aria-describedby', problem === undefined ? hint.trim() : `${hint}${line.id}`)
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault()
    if (model.stage.at !== 'door') return
    name.value = tidyName(name.value)
    channel.value = tidyChannel(channel.value)
    const wrongName = nameProblem(name.value, 'name')
    const wrongChannel = nameProblem(channel.value, 'channel name')
    complain(name, nameProblemLine, wrongName)
    complain(channel, channelProblemLine, wrongChannel)
    if (wrongName !== undefined) name.focus()
    else if (wrongChannel !== undefined) channel.focus()
    else acts.enter(name.value, channel.value)
  })
  name.addEventListener('input', () => complain(name, nameProblemLine, undefined))
  channel.addEventListener('input', () => complain(channel, channelProblemLine, undefined))
  dice.addEventListener('click', () => {
    name.value = suggestName()
    complain(name, nameProblemLine, undefined)
  })
  cancel.addEventListener('click', acts.cancel)
  addEventListener('hashchange', () => {
    if (model.stage.at === 'door') channel.value = channelOfAddress()
  })

  function show(): void {
    const { stage } = model
    const isEntering = stage.at === 'entering' && !stage.again
    const wasHidden = door.hidden
    door.hidden = !(stage.at === 'door' || isEntering)
    say(find('#door-problem', HTMLElement), stage.at === 'door' ? stage.problem : undefined)
    enter.textContent = isEntering ? 'Connecting…' : 'Join'
    enter.setAttribute('aria-disabled', String(isEntering))
    for (const input of [name, channel]) input.readOnly = isEntering
    dice.disabled = isEntering
    cancel.hidden = !isEntering
    progress.textContent = ''
    clearTimeout(slowTimer)
    if (isEntering) {
      slowTimer = setTimeout(() => {
        progress.textContent =
          'No server has answered yet. Without one, you will meet those in other tabs of this browser.'
      }, SLOW_AFTER_MS)
    }
    if (wasHidden && !door.hidden) {
      channel.value = channelOfAddress()
      name.focus()
    }
  }
  model.on('stage', show)
  show()
  if (matchMedia('(pointer: fine)').matches) name.select() // on a phone it would open the keyboard over the page
}
