/** The page: one model, one session, and the views that show them. */
import { announcer } from './announcer.ts'
import { composer } from './composer.ts'
import { connectionView } from './connection-view.ts'
import { conversationView } from './conversation-view.ts'
import { doorView } from './door-view.ts'
import { find } from './dom.ts'
import { channelOfAddress, inviteLink, showChannelInAddress } from './invite.ts'
import { offerLog } from './log-download.ts'
import { membersView } from './members-view.ts'
import { meshView } from './mesh-view.ts'
import { ChatModel, peerConversation } from './model.ts'
import type { ConversationId } from './model.ts'
import { nameProblem, recall, remember, suggestName } from './names.ts'
import { ChatSession } from './session.ts'
import { copyInvite, toast } from './toast.ts'
import { topicView } from './topic-view.ts'

// Nothing is silent: what no other place has caught is said here.
addEventListener('error', ({ message }) => toast(`Something went wrong in this page: ${message}`))
addEventListener('unhandledrejection', ({ reason }) =>
  toast(`Something went wrong in this page: ${String(reason)}`),
)

const chat = find('#chat', HTMLElement)
const model = new ChatModel()
const session = new ChatSession(model, isBeingRead)
const remembered = recall()
const firstName = remembered?.name ?? suggestName()

function isBeingRead(conversation: ConversationId): boolean {
  const isShown = chat.dataset['panel'] === 'talk' || !isNarrow.matches
  return model.open === conversation && isShown && document.visibilityState === 'visible'
}

function enter(name: string, channel: string): void {
  remember({ name, inside: true })
  showChannelInAddress(channel)
  void session.enter(name, channel)
}

function leave(): void {
  remember({ name: model.me, inside: false })
  void session.leave()
}

function open(conversation: ConversationId): void {
  model.openConversation(conversation)
  showPanel('talk')
  takeFocus()
}

function takeFocus(): void {
  if (canHover.matches) writing.focus()
  else find('#talk-panel', HTMLElement).focus({ preventScroll: true }) // no keyboard over what one wants to read
}

// On a narrow screen one of three panels is shown.

type Panel = 'talk' | 'people' | 'mesh'
const isNarrow = matchMedia('(max-width: 719px)')
const canHover = matchMedia('(hover: hover)')
const tabs = [...document.querySelectorAll<HTMLButtonElement>('.tabs button')]

function showPanel(panel: Panel): void {
  chat.dataset['panel'] = panel
  for (const tab of tabs) {
    if (tab.dataset['panel'] === panel) tab.setAttribute('aria-current', 'page')
    else tab.removeAttribute('aria-current')
  }
  markRead()
}
for (const tab of tabs) {
  const panel = tab.dataset['panel']
  if (panel === 'talk' || panel === 'people' || panel === 'mesh')
    tab.addEventListener('click', () => showPanel(panel))
}

function markRead(): void {
  if (isBeingRead(model.open) && model.conversation(model.open).unread > 0) model.openConversation(model.open)
}
document.addEventListener('visibilitychange', markRead)
isNarrow.addEventListener('change', markRead)

/** Closes what is in front: the other panel, then the private conversation. */
function escape(): void {
  if (isNarrow.matches && chat.dataset['panel'] !== 'talk') showPanel('talk')
  else if (model.open !== 'channel') open('channel')
}
chat.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') escape()
})

const writing = composer(model, {
  send: (conversation, content) => void session.send(conversation, content),
  escape,
})
doorView(model, firstName, { enter, cancel: leave })
connectionView(model, { enterAgain: () => void session.enterAgain(), leave })
conversationView(model, {
  backToChannel: () => open('channel'),
  sendAgain: (conversation, message) => void session.sendAgain(conversation, message),
})
topicView(model, (text) => session.changeTopic(text))
membersView(model, open)
meshView(model, (userId) => open(peerConversation(userId)))
announcer(model)
showPanel('talk')

if (!('RTCPeerConnection' in window)) {
  model.moveTo({
    at: 'door',
    problem: 'This browser has no WebRTC, or it is switched off; without it there is no chat.',
  })
}

let wasInside = false
model.on('stage', () => {
  const { stage } = model
  const isInside = stage.at === 'inside' || stage.at === 'out' || (stage.at === 'entering' && stage.again)
  chat.hidden = !isInside
  if (isInside && !wasInside) {
    showPanel('talk')
    takeFocus()
  }
  wasInside = isInside
})

for (const copyButton of document.querySelectorAll('[data-action="copy-invite"]')) {
  copyButton.addEventListener('click', () => void copyInvite(model))
}
offerLog(() => session.readLog())
const second = find('#second-user', HTMLAnchorElement)
model.on('people', () => (second.href = inviteLink(model.channel)))

addEventListener('hashchange', () => {
  const channel = channelOfAddress()
  const problem = nameProblem(channel, 'channel name')
  if (model.stage.at !== 'inside') return
  if (problem !== undefined) toast(problem)
  else void session.switchChannel(channel)
})

// A reload comes back to where one was. A duplicated tab does not: it would throw the first one out.
const [navigation] = performance.getEntriesByType('navigation')
const isReload = navigation instanceof PerformanceNavigationTiming && navigation.type === 'reload'
if (isReload && remembered?.inside && nameProblem(firstName, 'name') === undefined) {
  const channel = channelOfAddress()
  if (nameProblem(channel, 'channel name') === undefined) enter(firstName, channel)
}
