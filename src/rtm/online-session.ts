import type { SessionId, UserId } from '../base/ids.ts'
import { Wakefulness } from '../base/wakefulness.ts'
import type { Mesh } from '../mesh/mesh.ts'
import { Trust } from '../mesh/trust.ts'
import type { TokenTerms } from '../protocol/server-messages.ts'
import type { Places } from '../rendezvous/places.ts'
import type { Welcome } from '../rendezvous/rendezvous.ts'
import { Channels } from './channels.ts'
import { Correspondence } from './correspondence.ts'
import { type Diagnosis, diagnose } from './diagnosis.ts'
import { Directory } from './directory.ts'
import { ChannelCounts } from './channel-counts.ts'
import { DocumentLoader } from './document-loader.ts'
import { Farewells } from './farewells.ts'
import type { InvitationLine, InvitationWatch } from './invitations/line.ts'
import { LateChannelAttributes } from './late-channel-attributes.ts'
import { neighbourhood } from './neighbourhood.ts'
import { News, type NewsParts, type OnlineSessionEvents } from './news.ts'
import { Notices } from './notices.ts'
import type { OnlineSessionOptions } from './online-session-options.ts'
import { Presence } from './presence.ts'
import { PresenceQueries } from './presence-queries.ts'
import { sessionMesh } from './session-mesh.ts'
import { TokenWatch } from './token-watch.ts'
import { UserAttributes } from './user-attributes.ts'
import { Whereabouts } from './whereabouts.ts'

/** Everything that one login has: its identity, its mesh, its rendezvous, and what travels between them. */
export class OnlineSession implements NewsParts {
  readonly channels: Channels
  readonly userAttributes: UserAttributes
  readonly channelAttributes: LateChannelAttributes
  readonly channelCounts: ChannelCounts
  readonly tokens: TokenWatch
  readonly presence: Presence
  readonly presenceQueries: PresenceQueries
  /** The pulse for all that looks at others' clocks here; its `onOverslept` comes before anybody looks. */
  private readonly wakefulness: Wakefulness
  readonly trust: Trust
  readonly mesh: Mesh
  readonly rendezvous: Places
  readonly directory: Directory
  readonly farewells: Farewells
  readonly notices: Notices
  readonly whereabouts: Whereabouts
  readonly correspondence: Correspondence
  readonly invitations: InvitationWatch
  /** What this login lends to them. */
  readonly invitationLine: InvitationLine
  private readonly documents: DocumentLoader
  private readonly news: News
  private welcome: Welcome | undefined
  private credential = ''
  isClosed = false

  constructor(
    private readonly options: OnlineSessionOptions,
    private readonly events: OnlineSessionEvents,
  ) {
    const { environment, crypto, identity, appId, userId, token } = options
    const { clock, log, realm } = environment
    const wakefulness = new Wakefulness(clock)
    this.wakefulness = wakefulness
    this.farewells = new Farewells(clock)
    this.news = new News(this, events)
    this.trust = new Trust(appId, crypto, clock)
    this.mesh = sessionMesh(
      options,
      {
        trust: this.trust,
        wakefulness,
        rendezvous: () => this.rendezvous,
        credential: () => this.credential,
        iceServers: () => this.welcome?.iceServers,
      },
      this.news.meshEvents(),
    )
    this.notices = new Notices({
      trust: this.trust,
      log,
      me: () => this.welcome?.me,
      peersOf: (of) => this.news.peersOf(of),
      end: (peer) => this.news.ended(peer, 'kicked'),
      endMe: (reason, sentence) => events.ended(reason, sentence),
      spread: (notice, to) => this.rendezvous.spread(notice, to),
    })
    const store = environment.openStore(appId, userId)
    this.invitations = this.options.settings.invitations
    this.directory = new Directory((present, replaced) => {
      this.presence.met(present)
      this.correspondence.met(present, replaced)
      this.invitations.met(present)
    })
    const { mesh, directory } = this
    const find = (userIds: readonly UserId[]) => this.rendezvous.find(userIds)
    const lastHeard = (session: SessionId) => mesh.lastHeard(session)
    this.whereabouts = new Whereabouts({ clock, directory, find, lastHeard })
    const finding = { clock, mesh, directory, whereabouts: this.whereabouts }
    const randomBytes = crypto.randomBytes.bind(crypto)
    this.correspondence = new Correspondence(
      { ...finding, userId, store, realm, log, now: () => this.now, randomBytes },
      (received, from) => events.peerMessage(received, from),
    )
    this.invitationLine = {
      ...finding,
      me: () => this.welcome?.me ?? { userId, sessionId: identity.sessionId, loginTime: 0 },
      isUp: () => this.isUp,
      randomBytes,
    }
    this.documents = new DocumentLoader(environment)
    this.userAttributes = new UserAttributes({
      clock,
      userId,
      make: async (own) => {
        const loadDocuments = () => this.documents.load()
        const file = await loadDocuments()
        return file && new file.UserAttributeExchange({ ...finding, loadDocuments, own })
      },
    })
    this.presenceQueries = new PresenceQueries({ ...finding, userId })
    const { sessionId, fingerprint, signingKey, agreementKey } = identity
    const announcement = { appId, userId, token, sessionId, fingerprint, signingKey, agreementKey }
    try {
      const around = neighbourhood(this.mesh, this.trust, () => this.channels)
      this.rendezvous = environment.createRendezvous(announcement, this.news.rendezvousEvents(), around)
    } catch (error) {
      wakefulness.stop()
      this.mesh.close()
      throw error
    }
    this.trust.addTab(sessionId)
    const attributeOptions = {
      appId,
      userId,
      identity,
      crypto,
      clock,
      log,
      settings: this.options.settings,
      trust: this.trust,
      mesh: this.mesh,
      rendezvous: this.rendezvous,
      documents: this.documents,
      store,
      now: () => this.now,
      credential: () => this.credential,
    }
    this.channelAttributes = new LateChannelAttributes(clock, environment.settling, async () => {
      const file = await this.documents.load()
      return file && new file.ChannelAttributes(attributeOptions)
    })
    this.channels = new Channels({
      clock,
      random: environment.random,
      wakefulness,
      log,
      mesh: this.mesh,
      rendezvous: this.rendezvous,
      attributes: this.channelAttributes,
    })
    const { channels, rendezvous } = this
    this.channelCounts = new ChannelCounts({ clock, rendezvous, channels })
    const peersOf = (of: UserId) => this.news.peersOf(of)
    this.presence = new Presence(
      { clock, wakefulness, userId, directory, rendezvous, lastHeard, peersOf },
      (statuses) => events.peersChanged(statuses),
    )
    const renew = (token: string) => rendezvous.renewToken(token)
    this.tokens = new TokenWatch({ clock, wakefulness, now: () => this.now, renew }, events)
    environment.settling.begin()
    if (environment.knowsIceServers) this.mesh.prepare()
    // After all that excuse others by it.
    wakefulness.onOverslept(() => this.probe())
  }

  get sessionId(): SessionId {
    return this.options.identity.sessionId
  }

  get userId(): UserId {
    return this.options.userId
  }

  get isUp(): boolean {
    return this.rendezvous.isUp
  }

  /** Server time, as far as it is known. */
  get now(): number {
    return Math.round(this.options.environment.clock.now() + this.trust.clockOffsetMs)
  }

  diagnose(): Promise<Diagnosis> {
    return diagnose(this.options, this.rendezvous, this.mesh)
  }

  /** The page is put away and may come back: goodbye for now. */
  pause(): void {
    this.rendezvous.pause()
    this.mesh.pause()
  }

  resume(): void {
    this.channels.wasAway()
    this.mesh.resume()
    this.rendezvous.resume()
    // Those who were known by their links alone have none now.
    this.wakefulness.wasAway()
    this.invitations.resumed()
  }

  /** The network may have changed, or this page slept: it makes itself heard before it judges others. */
  probe(): void {
    this.wakefulness.now()
    this.mesh.probe()
    this.rendezvous.probe()
  }

  /** Whether the browser says that there is a network. */
  setOnline(isOnline: boolean): void {
    this.mesh.setOnline(isOnline)
    if (isOnline) this.probe()
  }

  /** Says goodbye everywhere, at once: it also runs while the page goes away. */
  close(): void {
    this.isClosed = true
    this.invitations.close()
    this.wakefulness.stop()
    this.tokens.close()
    this.notices.close()
    this.farewells.close()
    this.correspondence.handOverAll()
    this.channels.close()
    this.channelCounts.close()
    this.presence.close()
    this.presenceQueries.close()
    this.channelAttributes.close()
    this.rendezvous.goodbye()
    this.mesh.close()
    this.trust.close()
    this.correspondence.close()
    this.userAttributes.close()
    this.options.environment.settling.close()
  }

  /** A rendezvous has accepted this session, for the first time or again. */
  async up(welcome: Welcome): Promise<void> {
    this.welcome = welcome
    this.credential = welcome.credential
    this.trust.clockOffsetMs = welcome.clockOffsetMs
    this.mesh.prepare()
    // Nobody is logged in before it is known what was kept.
    await Promise.all([this.trust.addServerKeys(welcome.serverKeys), this.correspondence.loaded])
    // It may be down again; then another welcome follows.
    if (this.isClosed || !this.isUp) return
    this.mesh.showCredential()
    this.mesh.retryNow()
    this.events.up()
    this.tokens.accepted(welcome.token)
    this.channelAttributes.up()
    this.correspondence.up()
  }

  renew(credential: string, token?: TokenTerms, iceServers?: Welcome['iceServers']): void {
    this.credential = credential
    if (this.welcome && iceServers) this.welcome = { ...this.welcome, iceServers }
    if (token) this.tokens.accepted(token)
    this.mesh.showCredential()
    this.channelAttributes.renew()
  }
}
