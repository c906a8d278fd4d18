import {
  type AgoraRtmChannel,
  type AgoraRtmChannelAttribute,
  AgoraRtmConnectionState,
  AgoraRtmKit,
  AgoraRtmLoginErrorCode,
  AgoraRtmMessage,
} from 'rtm-mesh'

const APP_ID = '0123456789abcdef0123456789abcdef'
const NOTIFY = { enableNotificationToChannelMembers: true }

const element = <Kind extends HTMLElement>(id: string) => document.getElementById(id) as Kind
const form = (id: string) => element<HTMLFormElement>(id)
const show = (id: string, text: string) => (element(id).textContent = text)

const kit = AgoraRtmKit.initWithAppId(APP_ID, {
  connectionStateChanged: (_, state) => show('state', AgoraRtmConnectionState[state] ?? ''),
})
let me = ''
let channel: AgoraRtmChannel | null | undefined
const people = new Set<string>()

/** What was typed into the only text field of a form, which is then empty. */
function take(event: SubmitEvent): string {
  event.preventDefault()
  const [field] = (event.target as HTMLFormElement).elements
  if (!(field instanceof HTMLInputElement)) return ''
  const text = field.value.trim()
  field.value = ''
  return text
}

function showMessage(from: string, text: string): void {
  const line = document.createElement('p')
  const name = document.createElement('b')
  name.textContent = from
  line.append(name, ` ${text}`)
  element('messages').append(line)
  line.scrollIntoView()
}

function showPeople(): void {
  const entries = [...people]
    .sort((a, b) => a.localeCompare(b))
    .map((name) => {
      const entry = document.createElement('li')
      entry.textContent = name
      return entry
    })
  element('people').replaceChildren(...entries)
}

function showTopic(attributes: readonly AgoraRtmChannelAttribute[] | null): void {
  const topic = attributes?.find(({ key }) => key === 'topic')
  const [field] = form('topic').elements
  // What somebody is typing is not taken away.
  if (field instanceof HTMLInputElement && field !== document.activeElement) field.value = topic?.value ?? ''
  if (topic) form('topic').title = `Set by ${topic.lastUpdateUserId}`
}

form('login').onsubmit = async (event) => {
  me = take(event)
  const code = await kit?.loginByToken(null, me)
  if (code !== AgoraRtmLoginErrorCode.Ok) {
    show('state', `No login: ${AgoraRtmLoginErrorCode[code ?? 1]}`)
    return
  }
  channel = kit?.createChannelWithId('lobby', {
    messageReceived: (_, message, member) => showMessage(member.userId, message.text),
    memberJoined: (_, member) => {
      people.add(member.userId)
      showPeople()
    },
    memberLeft: (_, member) => {
      people.delete(member.userId)
      showPeople()
    },
    attributeUpdate: (_, attributes) => showTopic(attributes),
  })
  await channel?.joinWithCompletion()
  form('login').hidden = true
  element('room').hidden = false
  const members = await channel?.getMembersWithCompletion()
  for (const { userId } of members?.members ?? []) people.add(userId)
  showPeople()
  showTopic((await kit?.getChannelAttributes('lobby'))?.attributes ?? null)
}

form('topic').onsubmit = async (event) => {
  const value = take(event)
  const code =
    value === ''
      ? await kit?.deleteChannelAttributesByKeys('lobby', ['topic'], NOTIFY)
      : await kit?.addOrUpdateChannelAttributes('lobby', [{ key: 'topic', value }], NOTIFY)
  if (code !== 0) show('state', `The topic is not set: code ${code}`)
}

form('composer').onsubmit = async (event) => {
  const text = take(event)
  if (text === '') return
  showMessage(me, text)
  const code = await channel?.sendMessage(AgoraRtmMessage.initWithText(text))
  if (code !== 0) show('state', `Not sent: code ${code}`)
}
