import { onTestFinished } from 'vitest'

import type { ChannelId } from '../../src/base/ids.ts'
import type { Peer } from '../../src/protocol/peer.ts'
import type { Meeting, Participant } from './participant.ts'

export const LOBBY = 'lobby' as ChannelId

/** A place where participants meet for the time of a test, and what its tests do again and again. */
export async function gather<Place extends Meeting>(open: () => Promise<Place>) {
  const meeting = await open()
  onTestFinished(() => meeting.close())
  const arrive = async (user: string): Promise<Participant> => {
    const one = await meeting.arrive(user)
    await one.until(() => one.rendezvous.isUp)
    await meeting.settle()
    one.news()
    return one
  }
  return {
    ...meeting,
    arrive,
    async returned(one: Participant): Promise<void> {
      while (!one.rendezvous.isUp) await meeting.pass(100)
      await meeting.settle()
    },
    async lobby<Names extends readonly string[]>(
      ...names: Names
    ): Promise<{ [K in keyof Names]: Participant }> {
      const all: Participant[] = []
      for (const user of names) {
        const one = await arrive(user)
        one.rendezvous.join(LOBBY, 1)
        await meeting.settle()
        all.push(one)
      }
      for (const one of all) one.news()
      return all as { [K in keyof Names]: Participant }
    },
    /** Whom a visit of the lobby finds. */
    async visit({ rendezvous }: Participant): Promise<readonly Peer[]> {
      const holders = rendezvous.visit(LOBBY)
      await meeting.settle()
      return [...((await holders) ?? [])].sort((a, b) => (a.userId < b.userId ? -1 : 1))
    },
  }
}
