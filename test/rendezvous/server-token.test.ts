import { onTestFinished, describe, expect, test } from 'vitest'

import { ServerRendezvous } from '../../src/rendezvous/server.ts'
import { APP } from '../support/credentials.ts'
import { noLog } from '../support/no-log.ts'
import { sockets } from '../support/web-socket.ts'
import { CERTIFICATE, token006, token007 } from '../support/tokens.ts'
import { Participant } from './participant.ts'
import { announcementOf, serverMeeting } from './server-meeting.ts'

/** A real server whose app has a certificate. */
async function certified() {
  const meeting = await serverMeeting({ apps: { [APP]: { certificate: CERTIFICATE } } })
  const { clock } = meeting
  onTestFinished(() => meeting.close())
  return {
    ...meeting,
    v6: (userId: string) => token006({ appId: APP, userId }, clock.now()),
    v7: (userId: string, lifeS: number) => token007({ appId: APP, userId }, clock.now(), lifeS),
    /** All connections break; the sessions stay. */
    async loseAll() {
      const closed = [...sockets].map((socket) => new Promise((resolve) => socket.once('close', resolve)))
      for (const socket of sockets) socket.terminate()
      await Promise.all(closed)
      await meeting.settle()
    },
    async arrive(user: string, token: string | null) {
      const announcement = { ...(await announcementOf(user)), token }
      const one = new Participant(
        announcement,
        (who, events) =>
          new ServerRendezvous(
            { urls: [meeting.server.url], announcement: who, clock, random: () => 0.5, log: noLog },
            events,
          ),
      )
      meeting.participants.push(one)
      await meeting.settle()
      return { one, server: one.rendezvous as ServerRendezvous }
    },
  }
}

describe('At a real server whose app has a certificate', () => {
  test('a login with a good token is accepted; without one, and with a bad one, refused', async () => {
    const { arrive, v6, v7 } = await certified()
    const all = [
      await arrive('alice', v6('alice')),
      await arrive('bob', v7('bob', 60)),
      await arrive('carol', null),
      await arrive('dave', v7('bob', 60)),
    ]
    expect(all.map(({ one }) => one.news())).toEqual([
      ['up'],
      ['up'],
      ['refused: invalid-token'],
      ['refused: invalid-token'],
    ])
  })

  test('a token is renewed, or refused with its reason, while connected', async () => {
    const { arrive, settle, pass, v7 } = await certified()
    const { one, server } = await arrive('alice', v7('alice', 60))
    const answers: string[] = []
    for (const token of [v7('alice', 120), v7('alice', 0), 'nonsense'])
      void server.renewToken(token).then((answer) => answers.push(answer))
    await settle()
    expect(answers).toEqual(['ok', 'token-expired', 'invalid-token'])
    expect(one.news()).toEqual(['up', 'renewed'])
    await pass(110_000)
    expect(one.news()).not.toContain('ended: token-expired')
    await pass(11_000)
    expect(one.news().at(-1)).toBe('ended: token-expired')
  })

  test('one that has expired keeps the session out until it is renewed, which then returns at once', async () => {
    const { arrive, pass, loseAll, v6, v7, settle, clock } = await certified()
    const { one, server } = await arrive('alice', v6('alice'))
    clock.sleep(86_400_000)
    await pass(500)
    one.news()
    await loseAll()
    await pass(2_000)
    expect(one.news()).toEqual(['down', 'token refused'])
    await pass(20_000)
    expect(one.news()).toEqual([])
    const answer = server.renewToken(v7('alice', 60))
    await settle()
    expect(await answer).toBe('ok')
    expect(one.news()).toEqual(['up'])
  })

  test('of several that are given while away the latest is shown, and the others are answered at once', async () => {
    const { arrive, pass, loseAll, v7, settle, server: realServer } = await certified()
    const { one, server } = await arrive('alice', v7('alice', 60))
    await realServer.close()
    await loseAll()
    await pass(3_000)
    const answers: string[] = []
    for (const token of ['nonsense', 'more nonsense', v7('alice', 120)]) {
      void server.renewToken(token).then((answer) => answers.push(answer))
      await settle()
    }
    expect(answers).toEqual(['token-replaced', 'token-replaced'])
    expect(one.news().at(-1)).toBe('down')
  })

  test('one whose connection is lost before its answer gives way to one that came meanwhile', async () => {
    const { arrive, v7, loseAll, pass } = await certified()
    const { server } = await arrive('alice', v7('alice', 60))
    const answers: string[] = []
    const renew = (token: string) => void server.renewToken(token).then((answer) => answers.push(answer))
    renew('nonsense')
    for (const socket of sockets) socket.terminate()
    renew(v7('alice', 120))
    await loseAll()
    await pass(3_000)
    expect(answers).toEqual(['token-replaced', 'ok'])
  })

  test('the last good one is shown at a return, not the one of the login', async () => {
    const { arrive, pass, settle, v7, loseAll } = await certified()
    const { one, server } = await arrive('alice', v7('alice', 20))
    void server.renewToken(v7('alice', 600))
    await settle()
    await pass(30_000)
    one.news()
    await loseAll()
    await pass(2_000)
    expect(one.news()).toEqual(['down', 'up'])
  })
})
