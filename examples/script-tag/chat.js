// A plain script, as it may have been written for agora-rtm-sdk 1.x: nothing in it knows of rtm-mesh.

const client = AgoraRTM.createInstance('0123456789abcdef0123456789abcdef')
const channel = client.createChannel('lobby')
const people = new Set()
let me = ''

const find = (id) => document.getElementById(id)

function showMessage(from, text) {
  const line = document.createElement('p')
  const name = document.createElement('b')
  name.textContent = from
  line.append(name, ' ' + text)
  find('messages').append(line)
  line.scrollIntoView()
}

function showPeople() {
  const entries = [...people].sort().map((name) => {
    const entry = document.createElement('li')
    entry.textContent = name
    return entry
  })
  find('people').replaceChildren(...entries)
}

client.on('ConnectionStateChanged', (state) => (find('state').textContent = state.toLowerCase()))
channel.on('ChannelMessage', (message, memberId) => showMessage(memberId, message.text))
channel.on('MemberJoined', (memberId) => {
  people.add(memberId)
  showPeople()
})
channel.on('MemberLeft', (memberId) => {
  people.delete(memberId)
  showPeople()
})

find('login').onsubmit = async (event) => {
  event.preventDefault()
  me = find('name').value.trim()
  try {
    await client.login({ uid: me, token: null })
    await channel.join()
    for (const memberId of await channel.getMembers()) people.add(memberId)
    find('login').hidden = true
    find('room').hidden = false
    showPeople()
  } catch (error) {
    find('state').textContent = error.message
  }
}

find('composer').onsubmit = async (event) => {
  event.preventDefault()
  const text = find('text').value.trim()
  find('text').value = ''
  if (!text) return
  showMessage(me, text)
  try {
    await channel.sendMessage({ text })
  } catch (error) {
    find('state').textContent = error.message
  }
}

window.addEventListener('beforeunload', () => {
  channel.leave().catch(() => {}) // not joined: nothing to leave
  client.logout().catch(() => {}) // not logged in
})
