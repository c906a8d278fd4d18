/** Where we stand, in a word at the top, and with a way out when something is wrong. */
import { button, find, make } from './dom.ts'
import type { ChatModel, Stage } from './model.ts'

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
    const [tone, text] = wordFor(stage)
    word.dataset['tone'] = tone
    if (word.textContent !== text) word.textContent = text
    find('#my-name', HTMLElement).textContent = model.me
    banner.replaceChildren()
    banner.hidden = true
    if (stage.at === 'out') {
      banner.append(
        make('p', {}, `${stage.sentence} What was said stays on this screen.`),
        button('Sign in again', 'button primary small', acts.enterAgain),
        button('Use another name', 'button small', acts.leave),
      )
      banner.hidden = false
    } else if (stage.at === 'inside' && stage.reconnecting) {
      banner.append(
        make(
          'p',
          {},
          'The server cannot be reached; trying again. Those whom you are linked to still hear you.',
        ),
      )
      banner.hidden = false
    }
    banner.dataset['tone'] = tone
  }
  model.on('stage', show)
  model.on('people', show)
  show()
}

function wordFor(stage: Stage): [tone: 'good' | 'busy' | 'bad', text: string] {
  switch (stage.at) {
    case 'door':
      return ['bad', 'Signed out']
    case 'entering':
      return ['busy', 'Connecting…']
    case 'inside':
      return stage.reconnecting ? ['busy', 'Reconnecting…'] : ['good', 'Connected']
    case 'out':
      return ['bad', stage.word]
  }
}
