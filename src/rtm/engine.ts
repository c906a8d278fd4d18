import {
  type AppId,
  type ChannelId,
  isChannelId,
  isUserId,
  type SessionId,
  type UserId,
} from '../base/ids.ts'
import type { Content } from '../protocol/items.ts'
import { AttributeOperations } from './attribute-operations.ts'
import { isContentTooLarge } from './content.ts'
import type { Diagnosis } from './diagnosis.ts'
import { MAX_TOKEN_CHARS } from '../protocol/server-messages.ts'
import {
  MAX_COUNTED_CHANNELS,
  MAX_LISTED_MEMBERS,
  MAX_QUERIED_PEERS,
  MAX_SUBSCRIPTIONS,
  RateLimits,
} from './limits.ts'
import { isListOf, sample } from './lists.ts'
import type { InvitationNews } from './invitations/invitation.ts'
import { Invitations } from './invitations/invitations.ts'
import type {
  ChannelSendOutcome,
  JoinOutcome,
  LeaveOutcome,
  LoginOutcome,
  MemberCountsOutcome,
  MembersOutcome,
  NotReady,
  PeerSendOutcome,
  PeersOnlineOutcome,
  RenewTokenOutcome,
  SubscribeOutcome,
  SubscriptionsOutcome,
  UnsubscribeOutcome,
} from './outcomes.ts'
import type { PeerSendOptions } from './peer-messages.ts'
import type { RoomEvents } from './room.ts'
import { type ConnectionState, Session, type SessionEvents } from './session.ts'
import type { EngineParts } from './settings.ts'
import type { Surroundings } from './surroundings.ts'

/** What an engine tells its face. */
export interface EngineEvents extends SessionEvents {
  invitation(news: InvitationNews): void
}

/** The cloud service keeps them for some minutes; who works offline expects them back the next day. */
const DEFAULT_CHANNEL_ATTRIBUTES_TTL_MS = 24 * 60 * 60_000

/**
 * The API's domain for one kit instance: every operation with its checks, in the order
 * logged in, arguments, frequency, state, network. Answers are reasons; a face turns them into its codes.
 */
export class Engine extends AttributeOperations implements EngineParts {
  readonly limits: RateLimits
  /** From now on, over any number of logins. */
  readonly invitations: Invitations
  channelAttributesTtlMs = DEFAULT_CHANNEL_ATTRIBUTES_TTL_MS
  private readonly session: Session

  constructor(
    appId: AppId,
    private readonly surroundings: Surroundings,
    events: EngineEvents,
  ) {
    super()
    const { clock, log } = surroundings
    this.limits = new RateLimits(clock)
    this.invitations = new Invitations({
      clock,
      log,
      load: () => surroundings.loadInvitations(),
      line: () => this.session.online?.invitationLine,
      tell: (news) => events.invitation(news),
    })
    this.session = new Session(appId, surroundings, this, {
      ...events,
      connectionStateChanged: (state, reason) => {
        log('info', 'The connection state changed', { state, reason })
        events.connectionStateChanged(state, reason)
      },
    })
  }

  /** Who is logged in, or logging in. */
  get who(): { readonly user: UserId; readonly session: SessionId } | undefined {
    const { present } = this.session
    return present && { user: present.userId, session: present.sessionId }
  }

  get state(): ConnectionState {
    return this.session.at
  }

  /** No token, or an empty one, is for apps without a certificate. */
  login(token: unknown, userId: unknown, done: (outcome: LoginOutcome) => void): void {
    if (!isUserId(userId)) return done('invalid-argument')
    if (typeof (token ?? '') !== 'string') return done('invalid-argument')
    if (typeof token === 'string' && token.length > MAX_TOKEN_CHARS) return done('invalid-token')
    if (!this.limits.allow('login')) return done('too-often')
    this.surroundings.log('info', 'A login begins', { userId, hasToken: Boolean(token) })
    this.session.login(typeof token === 'string' && token !== '' ? token : null, userId, done)
  }

  logout(done: (outcome: 'ok' | 'not-logged-in') => void): void {
    this.invitations.sayFarewell()
    this.session.logout(done)
  }

  /** The token that the session has from now on, and with which it returns. */
  renewToken(token: unknown, done: (outcome: RenewTokenOutcome) => void): void {
    const ready = this.ready()
    if (ready === 'not-logged-in') return done(ready)
    if (typeof token !== 'string' || token === '') return done('no-token')
    if (!this.limits.allow('renewToken')) return done('too-often')
    if (ready === 'aborted') return done(ready)
    if (token.length > MAX_TOKEN_CHARS) return done('invalid-token')
    ready.tokens.renew(token, done)
  }

  /** `content` is undefined for what is no message. */
  sendToPeer(
    userId: unknown,
    content: Content | undefined,
    options: PeerSendOptions,
    done: (outcome: PeerSendOutcome) => void,
  ): void {
    const ready = this.ready()
    if (ready === 'not-logged-in') return done(ready)
    if (!isUserId(userId)) return done('invalid-user-id')
    if (!content || isContentTooLarge(content)) return done('invalid-message')
    if (!this.limits.allow('send')) return done('too-often')
    if (ready === 'aborted') return done(ready)
    ready.correspondence.send(userId, content, options, done)
  }

  sendToChannel(
    channelId: ChannelId,
    content: Content | undefined,
    done: (outcome: ChannelSendOutcome) => void,
  ): void {
    const ready = this.ready()
    if (ready === 'not-logged-in') return done(ready)
    if (!content || isContentTooLarge(content)) return done('invalid-message')
    if (!this.limits.allow('send')) return done('too-often')
    if (ready === 'aborted') return done(ready)
    const room = ready.channels.room(channelId)
    if (!room) return done('not-in-channel')
    room.send(content, ready.now, done)
  }

  join(channelId: ChannelId, events: RoomEvents, done: (outcome: JoinOutcome) => void): void {
    const ready = this.ready()
    if (ready === 'not-logged-in') return done(ready)
    const exceeded = this.limits.firstExceeded(['joinSameChannel', channelId], ['join', ''])
    if (exceeded) return done(exceeded === 'join' ? 'too-often' : 'same-channel-too-often')
    if (ready === 'aborted') return done(ready)
    ready.channels.join(channelId, events, done)
  }

  leave(channelId: ChannelId): LeaveOutcome {
    const ready = this.ready()
    if (typeof ready === 'string') return ready
    return ready.channels.leave(channelId) ? 'ok' : 'not-in-channel'
  }

  /** At most 512 of them, this user included; of more a random choice. */
  members(channelId: ChannelId): MembersOutcome {
    const ready = this.ready()
    if (ready === 'not-logged-in') return ready
    if (!this.limits.allow('getMembers')) return 'too-often'
    if (ready === 'aborted') return ready
    const room = ready.channels.room(channelId)
    if (!room) return 'not-in-channel'
    const others = room.members.map(({ userId }) => userId)
    return [ready.userId, ...sample(others, MAX_LISTED_MEMBERS - 1, this.surroundings.random)]
  }

  /** How many are in each of these channels, in their order; they need not be joined. */
  countMembers(channelIds: unknown, done: (outcome: MemberCountsOutcome) => void): void {
    const ready = this.ready()
    if (ready === 'not-logged-in') return done(ready)
    if (!isListOf(channelIds, isChannelId)) return done('invalid-channel-ids')
    if (channelIds.length > MAX_COUNTED_CHANNELS) return done('too-many-counted-channels')
    if (!this.limits.allow('countMembers')) return done('too-often')
    if (ready === 'aborted') return done(ready)
    ready.channelCounts.count([...channelIds], done)
  }

  /** Who of these is online, in their order; who may be only unreachable is. */
  queryPeers(userIds: unknown, done: (outcome: PeersOnlineOutcome) => void): void {
    const ready = this.ready()
    if (ready === 'not-logged-in') return done(ready)
    if (!isListOf(userIds, isUserId) || userIds.length > MAX_QUERIED_PEERS) return done('invalid-peer-ids')
    if (!this.limits.allow('queryPeers')) return done('too-often')
    if (ready === 'aborted') return done(ready)
    const asked = [...userIds]
    ready.presenceQueries.query(asked, (online) => {
      if (typeof online === 'string') return done(online)
      done(asked.map((userId) => ({ userId, state: online.has(userId) ? 'online' : 'offline' })))
    })
  }

  subscribePeers(userIds: unknown, done: (outcome: SubscribeOutcome) => void): void {
    const ready = this.ready()
    if (ready === 'not-logged-in') return done(ready)
    if (!isListOf(userIds, isUserId)) return done('invalid-peer-ids')
    if (userIds.length > MAX_SUBSCRIPTIONS) return done('too-many-subscriptions')
    if (!this.limits.allow('subscribePeers')) return done('too-often')
    if (ready === 'aborted') return done(ready)
    ready.presence.subscribe(userIds, done)
  }

  /** Who is not subscribed to may be among them. */
  unsubscribePeers(userIds: unknown): UnsubscribeOutcome {
    const ready = this.ready()
    if (ready === 'not-logged-in') return ready
    if (!isListOf(userIds, isUserId)) return 'invalid-peer-ids'
    if (!this.limits.allow('unsubscribePeers')) return 'too-often'
    if (ready === 'aborted') return ready
    ready.presence.unsubscribe(userIds)
    return 'ok'
  }

  /** Everybody who is subscribed to. */
  subscriptions(option: 'online-status' | undefined): SubscriptionsOutcome {
    const ready = this.ready()
    if (ready === 'not-logged-in') return ready
    if (option === undefined) return 'unknown-option'
    if (!this.limits.allow('listSubscriptions')) return 'too-often'
    return ready === 'aborted' ? ready : ready.presence.subscribed
  }

  /** Server time in milliseconds, as well as this session knows it. */
  get now(): number {
    return this.session.online?.now ?? this.surroundings.clock.now()
  }

  async diagnose(): Promise<Diagnosis | undefined> {
    return this.session.online?.diagnose()
  }

  protected ready(): NonNullable<Session['online']> | NotReady {
    return this.session.online ?? (this.session.at === 'aborted' ? 'aborted' : 'not-logged-in')
  }
}
