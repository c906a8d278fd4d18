import { heardBy, joinRoom, webProgram } from './support/web-program.ts'
import { expect, test } from './support/world.ts'

// Vue, MobX and Svelte wrap what is kept in their state in proxies, as deep as it goes.

test('everything works on objects that a framework has wrapped in proxies', async ({ world }) => {
  const [alice, bob] = [await webProgram(world), await webProgram(world, 'bob')]
  await joinRoom(bob)
  await bob.evaluate(() => {
    const { client } = window.program
    client.on('RemoteInvitationReceived', (invitation) => {
      invitation.response = 'gladly'
      invitation.accept()
    })
  })

  const heard = await alice.evaluate(async () => {
    const { program } = window
    const { deepProxy, client: made } = program
    const state = deepProxy({
      client: made,
      channel: made.createChannel('room'),
      invitation: made.createLocalInvitation('bob'),
      login: { uid: 'alice' },
      message: { text: 'hello' },
      bytes: { rawMessage: new Uint8Array([1, 2]), description: 'two' },
      attributes: { mood: 'good' },
      friends: ['bob'],
    })
    const { client, channel, invitation } = state
    const note = (event: string) => () => program.note(event)
    const once = note('once')
    client.once('ConnectionStateChanged', once).off('ConnectionStateChanged', note('never added'))
    await client.login(state.login)
    channel.on('MemberCountUpdated', (count) => program.note(`${count} members`))
    await channel.join()
    program.note((await channel.getMembers()).sort().join(' and '))
    await channel.sendMessage(state.message)
    await client.sendMessageToPeer(state.bytes, 'bob')
    await client.setLocalUserAttributes(state.attributes)
    program.note(JSON.stringify(await client.getUserAttributes('alice')))
    await client.setChannelAttributes('room', state.attributes)
    program.note(Object.keys(await client.getChannelAttributesByKeys('room', ['mood'])).join())
    program.note(JSON.stringify(await client.queryPeersOnlineStatus(state.friends)))

    const accepted = new Promise((resolve) => invitation.on('LocalInvitationAccepted', resolve))
    invitation.content = 'a call'
    invitation.send()
    program.note(
      `${invitation.content}: ${String(await accepted)}, ${invitation.state}, ${invitation.response}`,
    )
    await channel.leave()
    await client.logout()
    await client.login(state.login)
    await channel.join()
    client.removeAllListeners()
    await client.logout()
    client.destroy()
    return program.heard
  })

  expect(heard.filter((event) => event === 'once')).toHaveLength(1)
  expect(heard).toEqual(
    expect.arrayContaining([
      'alice and bob',
      '{"mood":"good"}',
      'mood',
      '{"bob":true}',
      'a call: gladly, ACCEPTED_BY_REMOTE, gladly',
    ]),
  )
  expect(await heardBy(bob, 'two')).toEqual(['alice: two [1 2]'])
  expect(await heardBy(bob, 'hello')).toEqual(['#room alice: hello'])
})

test('an invitation that comes can be kept wrapped, and accepted, refused and heard of', async ({
  world,
}) => {
  const [alice, bob] = [await webProgram(world, 'alice'), await webProgram(world, 'bob')]
  await alice.evaluate(() => {
    const { program } = window
    const state = program.deepProxy<{ calls: object[] }>({
      calls: [],
    })
    program.client.on('RemoteInvitationReceived', (raw) => {
      const invitation = program.deepProxy(raw)
      state.calls.push(invitation)
      const { callerId, content } = invitation
      invitation.on('RemoteInvitationAccepted', () =>
        program.note(`${content} accepted: ${invitation.state}`),
      )
      invitation.on('RemoteInvitationRefused', () => program.note(`${content} refused: ${invitation.state}`))
      invitation.response = `to ${callerId}`
      if (content === 'tea') invitation.accept()
      else invitation.refuse()
    })
  })

  const answers = await bob.evaluate(async () => {
    const { client } = window.program
    const ask = (content: string) =>
      new Promise<string>((resolve) => {
        const invitation = client.createLocalInvitation('alice')
        invitation.content = content
        invitation.on('LocalInvitationAccepted', (response) => resolve(`yes, ${response}`))
        invitation.on('LocalInvitationRefused', (response) => resolve(`no, ${response}`))
        invitation.send()
      })
    return [await ask('tea'), await ask('work')]
  })

  expect(answers).toEqual(['yes, to bob', 'no, to bob'])
  expect(await heardBy(alice, 'tea|work', 2)).toEqual(['tea accepted: ACCEPTED', 'work refused: REFUSED'])
})
