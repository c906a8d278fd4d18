/** The channel's topic above the conversation, changed where it stands: Enter saves, Escape gives up. */
import { find, say } from './dom.ts'
import type { ChatModel } from './model.ts'
import { tidyTopic, topicProblem } from './topic.ts'

const timeOfDay = new Intl.DateTimeFormat(undefined, { hour: 'numeric', minute: '2-digit' })
const dayAndTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'full', timeStyle: 'medium' })

/** `change` answers with a sentence when it did not work. */
export function topicView(model: ChatModel, change: (text: string) => Promise<string | undefined>): void {
  const place = find('#topic', HTMLElement)
  const shown = find('#topic-show', HTMLButtonElement)
  const text = find('#topic-text', HTMLElement)
  const about = find('#topic-about', HTMLElement)
  const form = find('#topic-form', HTMLFormElement)
  const input = find('#topic-input', HTMLInputElement)
  const save = find('#topic-save', HTMLButtonElement)
  const problem = find('#topic-problem', HTMLElement)
  /** Each editing has a number; an answer that comes after its end changes nothing. */
  let editing: number | undefined
  let lastEditing = 0
  let isSaving = false

  function show(): void {
    const { topic } = model
    place.hidden = model.open !== 'channel'
    shown.hidden = editing !== undefined
    form.hidden = editing === undefined
    shown.disabled = model.stage.at !== 'inside'
    save.setAttribute('aria-disabled', String(isSaving))
    text.textContent = topic?.text ?? 'Add a topic'
    shown.classList.toggle('without', topic === undefined)
    shown.title = topic ? `${topic.text}\nChange the topic` : ''
    about.textContent = topic
      ? `set by ${topic.by === model.me ? 'you' : topic.by}, ${timeOfDay.format(topic.time)}`
      : ''
    about.title = topic ? dayAndTime.format(topic.time) : ''
  }

  function complain(sentence: string | undefined): void {
    say(problem, sentence)
    if (sentence === undefined) input.removeAttribute('aria-invalid')
    else input.setAttribute('aria-invalid', 'true')
  }

  function begin(): void {
    editing = ++lastEditing
    input.value = model.topic?.text ?? ''
    complain(undefined)
    show()
    input.focus()
    input.select()
  }

  function end(): void {
    if (editing === undefined) return
    const hadFocus = form.contains(document.activeElement)
    editing = undefined
    isSaving = false
    complain(undefined)
    show()
    if (hadFocus) shown.focus()
  }

  async function submit(): Promise<void> {
    const own = editing
    if (own === undefined || isSaving) return
    const wanted = tidyTopic(input.value)
    if (wanted === (model.topic?.text ?? '')) return end()
    const wrong = topicProblem(wanted)
    complain(wrong)
    if (wrong !== undefined) return input.focus()
    isSaving = true
    show()
    const failure = await change(wanted)
    if (editing !== own) return
    if (failure === undefined) return end()
    isSaving = false
    complain(failure)
    show()
    input.focus()
  }

  shown.addEventListener('click', begin)
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void submit()
  })
  form.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || event.isComposing) return
    event.stopPropagation()
    end()
  })
  input.addEventListener('input', () => complain(undefined))
  find('#topic-cancel', HTMLButtonElement).addEventListener('click', end)

  model.on('open', () => {
    end()
    show()
  })
  for (const event of ['topic', 'stage', 'people'] as const) model.on(event, show)
  show()
}
