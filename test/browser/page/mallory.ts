import { systemClock } from '../../../src/base/clock.ts'
import { webCrypto } from '../../../src/base/crypto.ts'
import type { AppId, ChannelId, SessionId, UserId } from '../../../src/base/ids.ts'
import { noLog } from '../../support/no-log.ts'
import { createLocalIdentity, type LocalIdentity } from '../../../src/mesh/local-identity.ts'
import { PeerConnection } from '../../../src/mesh/peer-connection.ts'
import type { SideChannel, SideChannelEvents } from '../../../src/mesh/side-channel.ts'
import { decodePacket, type Frame } from '../../../src/protocol/frames.ts'
import {
  type Candidate,
  decodeLinkSignal,
  linkGreeting,
  type LinkSignal,
} from '../../../src/protocol/link-signals.ts'
import type { RendezvousEvents } from '../../../src/rendezvous/rendezvous.ts'
import { ServerRendezvous } from '../../../src/rendezvous/server.ts'

/** What an offer or answer is made of; each part can be exchanged for a stolen or forged one. */
interface Forgery {
  readonly epoch: number
  readonly credential?: string
  readonly certificate?: RTCCertificate
  readonly change?: (sdp: string) => string
}

const ignore = (): void => undefined

/** A hand-made peer who logs in like anybody, and then keeps to no rule. */
export class Mallory {
  credential = ''
  readonly signals: LinkSignal[] = []
  /** Credentials of honest users are no secret: whoever links to them has them. */
  readonly seenCredentials = new Map<string, string>()
  /** Of the latest link. */
  readonly frames: Frame[] = []
  /** The latest offer as it went to the server. */
  offerText = ''
  private readonly rendezvous: ServerRendezvous
  private readonly waiting = new Set<() => void>()
  private connection: PeerConnection | undefined
  private epoch = 0
  private isOpen = false

  private constructor(
    readonly identity: LocalIdentity,
    url: string,
    appId: string,
    userId: string,
  ) {
    const { sessionId, fingerprint, signingKey, agreementKey } = identity
    const announcement = {
      appId: appId as AppId,
      userId: userId as UserId,
      token: null,
      sessionId,
      fingerprint,
      signingKey,
      agreementKey,
    }
    const events: RendezvousEvents = {
      up: (welcome) => {
        this.credential = welcome.credential
        this.wake()
      },
      signal: (from, text) => this.receive(from.userId, text),
      down: ignore,
      renewed: ignore,
      tokenRefused: ignore,
      refused: ignore,
      ended: ignore,
      roster: ignore,
      joinRefused: ignore,
      joined: ignore,
      left: ignore,
      presence: ignore,
      present: ignore,
      gone: ignore,
      unreachable: ignore,
      reachable: ignore,
      tab: ignore,
      introduced: ignore,
      notice: ignore,
      undeliverable: ignore,
    }
    const options = { urls: [url], announcement, clock: systemClock, random: Math.random, log: noLog }
    this.rendezvous = new ServerRendezvous(options, events)
  }

  /** Logged in, with a session id on the wanted side of the victim's: `below` may offer, `above` may not. */
  static async login(
    url: string,
    appId: string,
    side: 'below' | 'above',
    victim: string,
    userId = 'mallory',
  ): Promise<Mallory> {
    let identity = await createLocalIdentity(webCrypto)
    while (identity.sessionId < victim !== (side === 'below')) identity = await createLocalIdentity(webCrypto)
    const mallory = new Mallory(identity, url, appId, userId)
    await mallory.until(() => mallory.credential !== '')
    return mallory
  }

  send(to: string, signal: object): void {
    this.sendText(to, JSON.stringify(signal))
  }

  sendText(to: string, text: string): void {
    this.rendezvous.relay(to as SessionId, text)
  }

  /** An offer, genuine but for what is forged in it. */
  async offer(to: string, forgery: Forgery): Promise<void> {
    this.connect(to, 'offer', forgery)
    await this.sentDescription
  }

  /** Waits for the victim's offer and answers it. */
  async answer(to: string, forgery: Omit<Forgery, 'epoch'>): Promise<void> {
    await this.until(() => this.signals.some(({ type }) => type === 'offer'))
    const offer = this.signals.find((signal) => signal.type === 'offer')
    if (!offer) return
    this.connect(to, 'answer', { ...forgery, epoch: offer.epoch })
    this.connection?.acceptDescription('offer', offer.sdp)
    await this.sentDescription
  }

  /** Resolves when the victim turned this attempt down. */
  rejection(epoch: number): Promise<void> {
    return this.until(() => this.signals.some((signal) => signal.type === 'reject' && signal.epoch === epoch))
  }

  knocked(): Promise<void> {
    return this.until(() => this.signals.some(({ type }) => type === 'knock'))
  }

  /** Resolves when the victim sent a frame of this type, with the first. */
  async frame<Type extends Frame['type']>(type: Type): Promise<Extract<Frame, { type: Type }>> {
    const isOfType = (frame: Frame): frame is Extract<Frame, { type: Type }> => frame.type === type
    await this.until(() => this.frames.some(isOfType))
    const frame = this.frames.find(isOfType)
    if (!frame) throw new Error('It was there')
    return frame
  }

  linked(): Promise<void> {
    return this.until(() => this.isOpen)
  }

  sendPacket(bytes: number[]): void {
    this.connection?.send(new Uint8Array(bytes))
  }

  /** This end of a channel beside the frames. */
  openChannel(number: number, events: SideChannelEvents): SideChannel {
    if (!this.connection) throw new Error('Mallory is not linked')
    return this.connection.openChannel(number, events)
  }

  /** Data channels that the two ends have not agreed on: each takes a number at the victim's end too. */
  openInBand(count: number): void {
    for (let i = 0; i < count; i++) this.connection?.['connection']?.createDataChannel('in-band')
  }

  join(channelId: string): void {
    this.rendezvous.join(channelId as ChannelId, 1)
  }

  private sentDescription: Promise<void> = Promise.resolve()

  private connect(to: string, type: 'offer' | 'answer', forgery: Forgery): void {
    const { epoch, credential = this.credential, certificate = this.identity.certificate } = forgery
    const { change = (sdp) => sdp } = forgery
    this.epoch = epoch
    this.frames.length = 0
    const { promise, resolve } = deferred()
    this.sentDescription = promise
    this.connection = new PeerConnection(
      type === 'offer',
      { certificates: [certificate], iceServers: [] },
      {
        description: (genuine) => {
          const sdp = change(genuine)
          const text = JSON.stringify({ type, ...linkGreeting, epoch, sdp, credential, candidates: [] })
          if (type === 'offer') this.offerText = text
          this.sendText(to, text)
          resolve()
        },
        candidate: (candidate: Candidate) =>
          this.send(to, { type: 'candidates', epoch, candidates: [candidate] }),
        open: () => {
          this.isOpen = true
          this.wake()
        },
        closed: () => this.ended(),
        broken: () => this.ended(),
        packet: (packet) => {
          this.frames.push(...(decodePacket(packet) ?? []))
          this.wake()
        },
        beat: ignore,
        drained: ignore,
        doubtful: ignore,
        exhausted: ignore,
      },
    )
  }

  /** Resolves when the victim has closed the link. */
  unlinked(): Promise<void> {
    return this.until(() => !this.isOpen)
  }

  private ended(): void {
    this.isOpen = false
    this.wake()
  }

  private receive(from: string, text: string): void {
    const signal = decodeLinkSignal(text)
    if (!signal || signal.type === 'foreign') return
    this.signals.push(signal)
    if ('credential' in signal) this.seenCredentials.set(from, signal.credential)
    if ('epoch' in signal && signal.epoch !== this.epoch) return this.wake()
    if (signal.type === 'answer') {
      this.connection?.acceptDescription('answer', signal.sdp)
      for (const candidate of signal.candidates) this.connection?.acceptCandidate(candidate)
    }
    if (signal.type === 'candidates') {
      for (const candidate of signal.candidates) this.connection?.acceptCandidate(candidate)
    }
    this.wake()
  }

  private async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.waiting.add(resolve))
  }

  private wake(): void {
    const waiting = [...this.waiting]
    this.waiting.clear()
    for (const resolve of waiting) resolve()
  }
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = ignore
  const promise = new Promise<void>((fulfil) => {
    resolve = fulfil
  })
  return { promise, resolve }
}
