/** Where we stand, in a word at the top, and with a way out when something is wrong. */
import { button, find, make } from './dom.ts'
import type { ChatModel, Reach, Stage } from './model.ts'

interface Acts {
  enterAgain: () => void
  leave: () => void
}

export function connectionView(model: ChatModel, acts: Acts): void {
  const word = find('#connection', HTMLElement)
  const banner = find('#banner', HTMLElement)
  find('#leave', HTMLButtonElement).addEventListener('click', acts.leave)

  function show(): void {
    const { stage } = model
    const [tone, text] = wordFor(stage, model.reach)
    word.dataset['tone'] = tone
    if (word.textContent !== text) word.textContent = text
    find('#my-name', HTMLElement).textContent = model.me
    const sentence = bannerFor(stage, model.reach)
    banner.dataset['tone'] = tone
    // An alert that is written again is read out again, and its buttons lose the focus.
    if (banner.dataset['shows'] === `${stage.at} ${sentence}`) return
    banner.dataset['shows'] = `${stage.at} ${sentence}`
    banner.hidden = sentence === undefined
    banner.replaceChildren(make('p', {}, sentence))
    if (stage.at === 'out') {
      banner.append(
        button('Sign in again', 'button primary small', acts.enterAgain),
        button('Use another name', 'button small', acts.leave),
      )
    }
  }
  model.on('stage', show)
  model.on('people', show)
  show()
}

function bannerFor(stage: Stage, reach: Reach): string | undefined {
  if (stage.at === 'out') return `${stage.sentence} What was said stays on this screen.`
  if (stage.at !== 'inside') return undefined
  if (stage.reconnecting)
    return 'The server cannot be reached; trying again. Those whom you are linked to still hear you.'
  return reach === 'browser'
    ? 'The server cannot be reached; trying again. Until then you meet only those in other tabs of this browser.'
    : undefined
}

function wordFor(stage: Stage, reach: Reach): [tone: 'good' | 'busy' | 'bad', text: string] {
  switch (stage.at) {
    case 'door':
      return ['bad', 'Signed out']
    case 'entering':
      return ['busy', 'Connecting…']
    case 'inside':
      if (stage.reconnecting) return ['busy', 'Reconnecting…']
      return reach === 'browser' ? ['busy', 'Without a server'] : ['good', 'Connected']
    case 'out':
      return ['bad', stage.word]
  }
}
