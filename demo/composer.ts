/** Where one writes. Every conversation has its own draft, so that a private line never ends up in front of everybody. */
import { byteLength, bytesInWords, MESSAGE_BYTES, prepare } from './attachments.ts'
import type { Attachment } from './attachments.ts'
import { button, find, icon, make, say } from './dom.ts'
import { peerOf } from './model.ts'
import type { ChatModel, Content, ConversationId } from './model.ts'
import { recognise } from './pictures.ts'

interface Draft {
  text: string
  attachment?: Attachment | 'preparing'
  problem?: string
}

interface Acts {
  send: (conversation: ConversationId, content: Content) => void
  /** Escape with nothing left to close in the composer. */
  escape: () => void
}

export function composer(model: ChatModel, acts: Acts): { focus(): void } {
  const form = find('#composer', HTMLFormElement)
  const text = find('#composer-text', HTMLTextAreaElement)
  const file = find('#composer-file', HTMLInputElement)
  const attach = find('#composer-attach', HTMLButtonElement)
  const send = find('#composer-send', HTMLButtonElement)
  const staged = find('#composer-attachment', HTMLElement)
  const problem = find('#composer-problem', HTMLElement)
  const dropZone = find('#talk-panel', HTMLElement)
  const dropHint = find('#drop-hint', HTMLElement)
  const drafts = new Map<ConversationId, Draft>()
  let previewAddress: string | undefined
  let shownAttachment: Draft['attachment']

  function draft(id = model.open): Draft {
    const existing = drafts.get(id) ?? { text: '' }
    drafts.set(id, existing)
    return existing
  }

  function show(): void {
    const { attachment, problem: sentence } = draft()
    const peer = peerOf(model.open)
    const isOut = model.stage.at !== 'inside'
    const label = isOut
      ? 'You are not signed in'
      : peer === undefined
        ? `Message everybody in ${model.channel}`
        : `Message ${peer} privately`
    find('#composer-label', HTMLElement).textContent = label
    text.placeholder = isOut
      ? label
      : peer === undefined
        ? `Message #${model.channel}`
        : `Privately to ${peer}`
    form.classList.toggle('private', peer !== undefined)
    for (const control of [text, attach, send]) control.disabled = isOut
    say(problem, sentence)
    showStaged(attachment)
    // Not disabled: a disabled button drops the focus of whoever has just pressed it.
    const isReady = attachment !== 'preparing' && (attachment !== undefined || text.value.trim() !== '')
    send.setAttribute('aria-disabled', String(!isReady))
  }

  function showStaged(attachment: Draft['attachment']): void {
    if (attachment === shownAttachment) return
    shownAttachment = attachment
    if (previewAddress !== undefined) URL.revokeObjectURL(previewAddress)
    previewAddress = undefined
    staged.hidden = attachment === undefined
    if (attachment === undefined) return staged.replaceChildren()
    if (attachment === 'preparing') return staged.replaceChildren(make('p', {}, 'Making the picture fit…'))
    const kind = recognise(attachment.bytes)
    const about = [bytesInWords(attachment.bytes.length), attachment.remark].filter(
      (part) => part !== undefined,
    )
    let preview: Element = icon('file')
    if (kind) {
      previewAddress = URL.createObjectURL(new Blob([attachment.bytes], { type: kind.type }))
      preview = make('img', { src: previewAddress, alt: '' })
    }
    const remove = button('', 'icon-button', () => {
      unstage()
      text.focus()
    })
    remove.setAttribute('aria-label', `Remove ${attachment.name}`)
    remove.append(icon('close'))
    staged.replaceChildren(
      preview,
      make(
        'p',
        {},
        make('span', { class: 'file-name' }, attachment.name),
        make('span', { class: 'file-about' }, about.join(', ')),
      ),
      remove,
    )
  }

  function unstage(): void {
    delete draft().attachment
    show()
  }

  async function stage(chosen: File): Promise<void> {
    const id = model.open
    const own = draft(id)
    own.attachment = 'preparing'
    delete own.problem
    show()
    const prepared = await prepare(chosen).catch(() => ({ refused: `“${chosen.name}” could not be read.` }))
    if ('refused' in prepared) {
      delete own.attachment
      own.problem = prepared.refused
    } else own.attachment = prepared.attachment
    show()
    text.focus()
  }

  function submit(): void {
    const own = draft()
    if (model.stage.at !== 'inside' || own.attachment === 'preparing') return
    const words = text.value.trim()
    const size = byteLength(words)
    if (size > MESSAGE_BYTES) {
      own.problem = `This text has ${bytesInWords(size)}; a message holds at most 32 KB. Please send it in parts.`
      return show()
    }
    const { attachment } = own
    drafts.delete(model.open)
    text.value = ''
    grow()
    show()
    if (attachment) acts.send(model.open, { kind: 'file', ...attachment })
    if (words !== '') acts.send(model.open, { kind: 'text', text: words })
  }

  /** As high as the text, up to the limit in the style sheet. */
  function grow(): void {
    text.style.height = 'auto'
    text.style.height = `${text.scrollHeight + text.offsetHeight - text.clientHeight}px`
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault()
    submit()
  })
  text.addEventListener('keydown', (event) => {
    // While an input method composes, Enter takes its proposal.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return
    event.preventDefault()
    submit()
  })
  text.addEventListener('input', () => {
    draft().text = text.value
    delete draft().problem
    grow()
    show()
  })
  form.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || event.isComposing) return
    event.stopPropagation()
    const own = draft()
    if (own.attachment === undefined && own.problem === undefined) return acts.escape()
    delete own.problem
    unstage()
    text.focus()
  })
  text.addEventListener('paste', (event) => {
    const pasted = event.clipboardData?.files[0]
    if (!pasted) return
    event.preventDefault()
    void stage(pasted)
  })
  attach.addEventListener('click', () => file.click())
  file.addEventListener('change', () => {
    const chosen = file.files?.[0]
    file.value = ''
    if (chosen) void stage(chosen)
  })

  const carriesFile = (event: DragEvent): boolean =>
    model.stage.at === 'inside' && (event.dataTransfer?.types.includes('Files') ?? false)
  dropZone.addEventListener('dragover', (event) => {
    if (!carriesFile(event)) return
    event.preventDefault()
    dropHint.hidden = false
  })
  dropZone.addEventListener('dragleave', (event) => {
    const isInside = event.relatedTarget instanceof Node && dropZone.contains(event.relatedTarget)
    if (!isInside) dropHint.hidden = true
  })
  dropZone.addEventListener('drop', (event) => {
    dropHint.hidden = true
    if (!carriesFile(event)) return
    event.preventDefault()
    const dropped = event.dataTransfer?.files[0]
    if (dropped) void stage(dropped)
  })
  // A file that misses would make the browser leave the page and with it the conversation.
  for (const type of ['dragover', 'drop']) addEventListener(type, (event) => event.preventDefault())

  model.on('open', () => {
    text.value = draft().text
    grow()
    show()
  })
  model.on('stage', () => {
    if (model.stage.at === 'door') drafts.clear()
    show()
  })
  show()
  return { focus: () => text.focus() }
}
