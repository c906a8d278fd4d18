import { type ClientOptions, WebSocket } from 'ws'

import { type Bytes, fromBase64Url, toBase64Url } from '../../src/base/bytes.ts'
import { webCrypto } from '../../src/base/crypto.ts'
import type { AppId, ChannelId, SessionId, UserId } from '../../src/base/ids.ts'
import { loginSigningInput, sessionIdFromHash, sessionIdInput } from '../../src/protocol/credential.ts'
import type { Peer } from '../../src/protocol/peer.ts'
import type { ClientMessage } from '../../src/protocol/client-messages.ts'
import { decodeServerMessage, type ServerMessage } from '../../src/protocol/server-messages.ts'
import { PROTOCOL_VERSION } from '../../src/protocol/version.ts'

export const APP = 'a'.repeat(32) as AppId
export const OTHER_APP = 'b'.repeat(32) as AppId
export const LOBBY = 'lobby' as ChannelId

export type Message<Type extends ServerMessage['type']> = Extract<ServerMessage, { type: Type }>

/** What a page keeps for the life of its session. */
export async function createIdentity(user: string, appId: AppId = APP) {
  const fingerprint = webCrypto.randomBytes(32)
  const signingKey = await webCrypto.generateSigningKey()
  const hash = await webCrypto.sha256(sessionIdInput({ fingerprint, signingKey: signingKey.publicKey }))
  return {
    appId,
    userId: user as UserId,
    fingerprint,
    sessionId: sessionIdFromHash(hash),
    signingKey,
    agreementKey: await webCrypto.generateAgreementKey(),
  }
}
export type TestIdentity = Awaited<ReturnType<typeof createIdentity>>

/** The login that an honest page with this identity sends. */
export async function loginMessage(
  identity: TestIdentity,
  nonce: Bytes,
): Promise<Extract<ClientMessage, { type: 'login' }>> {
  const { appId, userId, fingerprint, signingKey, agreementKey } = identity
  const proof = loginSigningInput({ appId, userId, nonce, fingerprint, agreementKey: agreementKey.publicKey })
  return {
    type: 'login',
    version: PROTOCOL_VERSION,
    features: 0,
    appId,
    userId,
    fingerprint: toBase64Url(fingerprint),
    signingKey: toBase64Url(signingKey.publicKey),
    agreementKey: toBase64Url(agreementKey.publicKey),
    signature: toBase64Url(await signingKey.sign(proof)),
  }
}

/** A page, as the signaling server sees it: real sockets, no clock of its own. */
export class TestClient {
  readonly socket: WebSocket
  readonly closed: Promise<{ code: number; reason: string }>
  /** A frozen page: its browser answers WebSocket pings, it answers nothing. */
  isFrozen = false
  pingCount = 0
  private readonly inbox: ServerMessage[] = []
  private onMessage: (() => void) | undefined
  private barriers = 0

  constructor(url: string, options: ClientOptions = {}) {
    this.socket = new WebSocket(url, options)
    this.socket.on('message', (data: Buffer) => this.receive(data.toString()))
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => {
        this.onMessage?.()
        resolve({ code, reason: reason.toString() })
      })
    })
  }

  send(message: ClientMessage): void {
    this.socket.send(JSON.stringify(message))
  }

  /** The next message, which must be of this type. */
  async next<Type extends ServerMessage['type']>(type: Type): Promise<Message<Type>> {
    while (this.inbox.length === 0) {
      if (this.socket.readyState === WebSocket.CLOSED) throw new Error(`closed, and no ${type} came`)
      await new Promise<void>((resolve) => (this.onMessage = resolve))
    }
    const message = this.inbox.shift()
    if (message?.type !== type) throw new Error(`not ${type} but ${JSON.stringify(message)}`)
    return message as Message<Type>
  }

  /** Everything that was sent to this client until now; what it sent itself has been handled. */
  async news(): Promise<ServerMessage[]> {
    await this.settled()
    return this.inbox.splice(0)
  }

  /** Both directions of the socket are empty, or it is closed. */
  async settled(): Promise<void> {
    if (this.socket.readyState !== WebSocket.OPEN) return
    const mark = String(++this.barriers)
    const answered = new Promise<void>((resolve) => {
      const onPong = (data: Buffer): void => {
        if (data.toString() !== mark) return
        this.socket.off('pong', onPong)
        resolve()
      }
      this.socket.on('pong', onPong)
    })
    this.socket.ping(mark)
    await Promise.race([answered, this.closed])
  }

  async greeting(): Promise<{ nonce: Bytes; boot: string }> {
    const { nonce, boot } = await this.next('hello')
    return { nonce: fromBase64Url(nonce) ?? new Uint8Array(), boot }
  }

  async tryLogin(identity: TestIdentity, extra: { credential?: string; token?: string } = {}): Promise<void> {
    const { nonce } = await this.greeting()
    this.send({ ...(await loginMessage(identity, nonce)), ...extra })
  }

  private receive(text: string): void {
    const message = decodeServerMessage(text)
    if (!message) throw new Error(`The server sent what is no message: ${text.slice(0, 200)}`)
    if (message.type === 'ping') {
      this.pingCount += 1
      if (!this.isFrozen) this.send({ type: 'pong' })
      return
    }
    this.inbox.push(message)
    this.onMessage?.()
  }
}

/** A client that is logged in. */
export class TestPage extends TestClient {
  constructor(
    url: string,
    readonly identity: TestIdentity,
    options?: ClientOptions,
  ) {
    super(url, options)
  }

  credential = ''
  loginTime = 0
  welcome: Message<'loggedIn'> | undefined

  async logIn(credential?: string, token?: string): Promise<Message<'loggedIn'>> {
    await this.tryLogin(this.identity, {
      ...(credential !== undefined && { credential }),
      ...(token !== undefined && { token }),
    })
    const welcome = await this.next('loggedIn')
    this.welcome = welcome
    this.credential = welcome.credential
    this.loginTime = welcome.loginTime
    return welcome
  }

  get sessionId(): SessionId {
    return this.identity.sessionId
  }

  get peer(): Peer {
    return { userId: this.identity.userId, sessionId: this.sessionId, loginTime: this.loginTime }
  }

  async join(channel: string, incarnation: number): Promise<Message<'roster'>> {
    this.send({ type: 'join', channelId: channel as ChannelId, incarnation })
    return this.next('roster')
  }

  /** Who is named, members first. */
  async visit(channel: string): Promise<readonly Peer[]> {
    this.send({ type: 'visit', request: 1, channelId: channel as ChannelId })
    return (await this.next('visited')).holders
  }
}
