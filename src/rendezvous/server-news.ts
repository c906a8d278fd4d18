import type { ServerMessage } from '../protocol/server-messages.ts'
import type { RendezvousEvents } from './rendezvous.ts'

/** Passes on what a server tells of others. `mayRemove` as for rosters. */
export function tellNews(message: ServerMessage, events: RendezvousEvents, mayRemove: boolean): void {
  switch (message.type) {
    case 'roster':
      return events.roster(message.channelId, message.incarnation, message.members, mayRemove)
    case 'joinRefused':
      return events.joinRefused(message.channelId, message.incarnation, message.message)
    case 'joined':
      return events.joined(message.channelId, message.member)
    case 'left':
      return events.left(message.channelId, message.member)
    case 'subscribed':
      return events.presence(message.userIds, message.peers, mayRemove)
    case 'present':
      return events.present(message.peer)
    case 'unreachable':
      return events.unreachable(message.peer, message.silentMs)
    case 'reachable':
      return events.reachable(message.peer)
    case 'gone':
      if (message.notice !== undefined) events.notice(message.notice)
      return events.gone(message.peer, message.why)
    case 'signal':
      return events.signal(message.from, message.signal, 'server')
    case 'undeliverable':
      return events.undeliverable(message.to)
    default:
      return
  }
}
