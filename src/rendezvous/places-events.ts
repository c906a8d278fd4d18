import type { LoginRefusal } from '../protocol/server-messages.ts'
import type { Neighbours } from './neighbours.ts'
import type { NamedPeers } from './places-named.ts'
import type { ShownPeers } from './places-shown.ts'
import type { RendezvousEvents, Welcome } from './rendezvous.ts'
import type { TabsRendezvous } from './tabs.ts'

/** What the events of all places become one by. */
export interface Merging {
  readonly events: RendezvousEvents
  readonly named: NamedPeers
  readonly shown: ShownPeers
  readonly isServerSession: boolean
  readonly isServerUp: boolean
  readonly tabs: TabsRendezvous | undefined
  readonly neighbours: Neighbours | undefined
  serverUp(welcome: Welcome): void
  renewed(credential: string): void
  refused(reason: LoginRefusal, sentence: string): void
  goodbye(): void
}

/** What the server says, and what that means beside the other places. */
export function serverEvents(merging: Merging): RendezvousEvents {
  const { events, named, shown } = merging
  return {
    ...events,
    up: (welcome) => merging.serverUp(welcome),
    down: () => {
      named.clear()
      events.down()
      shown.review()
      merging.neighbours?.standIn()
      // Who is in other tabs is vouched for by them from now on, and a join that waits for its roster gets theirs.
      merging.tabs?.tellAgain(false)
    },
    renewed: (credential, token, iceServers) => {
      merging.renewed(credential)
      events.renewed(credential, token, iceServers)
    },
    refused: (reason, sentence) => merging.refused(reason, sentence),
    ended: (reason, sentence) => {
      merging.goodbye()
      events.ended(reason, sentence)
    },
    roster: (channelId, incarnation, members, mayRemove) => {
      named.roster(channelId, members)
      merging.neighbours?.answered(channelId)
      shown.review()
      const all = shown.united(members, merging.tabs?.view.members(channelId) ?? [])
      events.roster(channelId, incarnation, all, mayRemove)
    },
    joined: (channelId, member) => {
      named.joined(channelId, member)
      shown.review()
      events.joined(channelId, member)
    },
    left: (channelId, member) => {
      named.left(channelId, member)
      events.left(channelId, member)
      shown.review()
    },
    presence: (userIds, peers, mayRemove) => {
      const view = merging.tabs?.view
      named.presence(userIds, peers)
      shown.review()
      events.presence(userIds, shown.united(peers, view?.find(userIds) ?? []), mayRemove)
      view?.tellSilence(new Set(userIds))
    },
    present: (peer) => {
      named.present(peer)
      shown.review()
      events.present(peer)
    },
    gone: (peer, why) => {
      named.gone(peer)
      // It is there, as other tabs hear; or the news of its goodbye are on their way from there too.
      const isInTab = merging.tabs?.view.has(peer.sessionId) === true
      if (!isInTab || (why !== 'lost' && why !== 'goodbye')) events.gone(peer, why)
      shown.review()
    },
    unreachable: (peer, silentMs) => {
      named.unreachable(peer)
      if (!merging.tabs?.view.hears(peer.sessionId)) events.unreachable(peer, silentMs)
    },
    reachable: (peer) => {
      named.reachable(peer)
      events.reachable(peer)
    },
    signal: (from, signal, via) => {
      named.meets(from)
      shown.review()
      events.signal(from, signal, via)
    },
    // It may be that the server is away only for that session.
    undeliverable: (to) => {
      if (!merging.neighbours?.takeOver(to)) events.undeliverable(to)
    },
  }
}

/** The same of the other tabs. */
export function tabsEvents(merging: Merging): RendezvousEvents {
  const { events, named, shown } = merging
  return {
    ...events,
    up: (welcome) => {
      if (!merging.isServerSession) events.up(welcome)
    },
    down: () => {
      if (!merging.isServerSession) events.down()
    },
    ended: (reason, sentence) => {
      merging.goodbye()
      events.ended(reason, sentence)
    },
    tab: (peer) => {
      events.tab(peer)
      shown.review()
    },
    // While the server is up, its roster decides, with those of the tabs in it; while it is away, who is in no tab
    // may be elsewhere.
    roster: (channelId, incarnation, members, mayRemove) => {
      // A join waits for those who are linked as well.
      if (merging.isServerUp || merging.neighbours?.isAsking(channelId)) return
      merging.neighbours?.answered(channelId)
      events.roster(channelId, incarnation, shown.united([], members), mayRemove && !merging.isServerSession)
    },
    // The server's answer has those in it that were known when it came, and decides who is missing.
    presence: (userIds, peers, mayRemove) => {
      const present = shown.united([], peers)
      if (merging.isServerUp) for (const peer of present) events.present(peer)
      else events.presence(userIds, present, mayRemove && !merging.isServerSession)
    },
    present: (peer) => {
      if (!shown.isHidden(peer)) events.present(peer)
    },
    joinRefused: (channelId, incarnation, sentence) => {
      if (!merging.isServerUp) events.joinRefused(channelId, incarnation, sentence)
    },
    joined: (channelId, member) => {
      if (!shown.isHidden(member)) events.joined(channelId, member)
    },
    gone: (peer, why) => {
      shown.gone(peer)
      if (why !== 'lost' || !named.hears(peer)) events.gone(peer, why, 'tabs')
    },
    unreachable: (peer, silentMs) => {
      if (!named.hears(peer)) events.unreachable(peer, silentMs)
    },
    signal: (from, signal, via) => {
      if (!shown.isHidden(from)) events.signal(from, signal, via)
    },
  }
}

/** The same of those who are linked, who are asked while the server is away. */
export function neighboursEvents(merging: Merging): RendezvousEvents {
  const { events, shown } = merging
  return {
    ...events,
    roster: (channelId, incarnation, members, mayRemove) => {
      if (merging.isServerUp) return
      const all = shown.united(members, merging.tabs?.view.members(channelId) ?? [])
      events.roster(channelId, incarnation, all, mayRemove)
    },
    introduced: (channelId, members) => {
      if (!merging.isServerUp) events.introduced(channelId, members)
    },
  }
}
