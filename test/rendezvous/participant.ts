import type { Peer } from '../../src/protocol/peer.ts'
import type {
  Announcement,
  Rendezvous,
  RendezvousEvents,
  Via,
  Welcome,
} from '../../src/rendezvous/rendezvous.ts'

/** A session at a rendezvous that writes everything down. */
export class Participant<Place extends Rendezvous = Rendezvous> {
  readonly log: string[] = []
  readonly welcomes: Welcome[] = []
  /** The ICE servers that came with a renewed credential, each time. */
  readonly renewedIceServers: Welcome['iceServers'][] = []
  /** Sessions in other tabs, each as often as it was told of. */
  readonly tabs: Peer[] = []
  /** A server's words that somebody is out. */
  readonly notices: string[] = []
  /** By which kind of place each signal came. */
  readonly vias: Via[] = []
  private readonly waiting = new Set<() => void>()
  readonly rendezvous: Place

  constructor(
    readonly announcement: Announcement,
    open: (announcement: Announcement, events: RendezvousEvents) => Place,
  ) {
    this.rendezvous = open(announcement, this.events())
  }

  get peer(): Peer {
    const me = this.welcomes.at(-1)?.me
    if (!me) throw new Error(`${this.announcement.userId} was never welcome`)
    return me
  }

  /** What was written since the last look. */
  news(): string[] {
    return this.log.splice(0)
  }

  /** Until it is so; asked after every event. */
  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((resolve) => this.waiting.add(resolve))
  }

  private events(): RendezvousEvents {
    const write = (line: string): void => {
      this.log.push(line)
      for (const resolve of this.waiting) resolve()
      this.waiting.clear()
    }
    return {
      up: (welcome) => {
        this.welcomes.push(welcome)
        write('up')
      },
      down: () => write('down'),
      renewed: (_credential, _token, iceServers) => {
        this.renewedIceServers.push(iceServers)
        write('renewed')
      },
      tokenRefused: () => write('token refused'),
      refused: (reason) => write(`refused: ${reason}`),
      ended: (reason) => write(`ended: ${reason}`),
      roster: (channelId, incarnation, members, mayRemove) => {
        const names = members.map((member) => `${member.userId}/${member.incarnation}`).sort()
        write(
          `${channelId}/${incarnation} has [${names.join(' ')}]${mayRemove ? '' : ', others may come back'}`,
        )
      },
      joinRefused: (channelId, incarnation) => write(`${channelId}/${incarnation} refused`),
      joined: (channelId, member) => write(`${channelId}: ${member.userId}/${member.incarnation} joined`),
      left: (channelId, member) => write(`${channelId}: ${member.userId}/${member.incarnation} left`),
      presence: (userIds, peers, mayRemove) => {
        const names = peers.map(({ userId }) => userId).sort()
        write(
          `of ${userIds.join(' ')} are here [${names.join(' ')}]${mayRemove ? '' : ', others may come back'}`,
        )
      },
      present: (peer) => write(`${peer.userId} present`),
      introduced: (channelId, members) => {
        const names = members.map((member) => `${member.userId}/${member.incarnation}`).sort()
        write(`${channelId}: [${names.join(' ')}] introduced`)
      },
      notice: (notice) => this.notices.push(notice),
      gone: (peer, why) => write(`${peer.userId} gone: ${why}`),
      unreachable: (peer, silentMs) => write(`${peer.userId} unreachable: ${silentMs} ms`),
      reachable: (peer) => write(`${peer.userId} reachable`),
      signal: (from, signal, via) => {
        this.vias.push(via)
        write(`${from.userId} ${from.sessionId.slice(0, 4)}: ${signal}`)
      },
      tab: (peer) => this.tabs.push(peer),
      undeliverable: (to) => write(`undeliverable: ${to}`),
    }
  }
}

/** Where participants meet, and what a test can do to it. */
export interface Meeting {
  /** A new session of this user, which is on its way. */
  arrive(user: string): Promise<Participant>
  /** Everything that is under way has arrived. */
  settle(): Promise<void>
  /** Time passes while everybody goes on living. */
  pass(ms: number): Promise<void>
  /** The page is gone without a word and does not return. */
  crash(participant: Participant): Promise<void>
  /** Says goodbye for all and closes; throws if anything is left. */
  close(): Promise<void>
}

/** A meeting that somebody keeps: it can be cut off from those who meet, and ended. */
export interface ServedMeeting extends Meeting {
  /** Its connection breaks; it does not say goodbye. */
  breakConnection(participant: Participant): Promise<void>
  /** The place goes away and comes back empty. */
  forgetEverybody(): Promise<void>
  kick(user: string): void
}
