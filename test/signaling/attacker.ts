import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setPriority } from 'node:os'

import { WebSocket } from 'ws'

import type { ChannelId, SessionId, UserId } from '../../src/base/ids.ts'
import { MAX_SERVER_MESSAGE_BYTES } from '../../src/protocol/server-messages.ts'
import { createIdentity, loginMessage, TestPage, type TestIdentity } from './client.ts'

// A process of hostile clients: `node attacker.mjs URL SOCKETS`. Told how many inputs, it sends so many, all of them
// malformed, oversized or out of order, over so many sockets at a time, and answers with how those ended.

/** Of them several are behind one address, as where one person attacks. */
const ADDRESSES = 10
/** Inputs that are handed to the network at once: the server has the second before it has refused the first. */
const BATCH = 20
/** Of one attack in a second, over all sockets: more than all honest clients of the test send together. */
const INPUTS_PER_SECOND = 5_000

type Input = string | Buffer
type Send = (input: Input) => void

// Attackers have machines of their own: here it must not be the processor that they take from the honest ones.
setPriority(15)

const [url = '', sockets = '50'] = process.argv.slice(2)
const identities: TestIdentity[] = []
for (let i = 0; i < Number(sockets); i++) identities.push(await createIdentity(`mallory${i}`))

const someChannel = 'arena' as ChannelId
const nobody = '0'.repeat(32) as SessionId
const json = (value: unknown): string => JSON.stringify(value)

/** Each makes one input that closes the socket, or is answered, or is ignored; `n` counts them. */
const malformed: readonly ((n: number) => Input)[] = [
  () => 'nonsense',
  () => '{"type":',
  () => '['.repeat(2_000),
  () => json({ type: 'shutdown' }),
  () => json({ type: 'join', channelId: ['arena'], incarnation: 1 }),
  () => json({ type: 'signal', to: 'alice', signal: 'x' }),
  (n) => Buffer.from([0xff, 0xfe, n & 0xff]),
  () => json({ type: 'find', request: 1, userIds: Array<string>(300).fill('a') }),
  () => json(null),
  (n) => json({ type: 'login', version: n, features: -1 }),
]
const outOfOrder: readonly ((n: number) => Input)[] = [
  (n) => json({ type: 'leave', channelId: someChannel, incarnation: n }),
  () => json({ type: 'endVisit', channelId: someChannel }),
  () => json({ type: 'unsubscribe', userIds: ['alice' as UserId] }),
  (n) => json({ type: 'signal', to: nobody, signal: 'x'.repeat(n % 2_000) }),
  (n) => json({ type: 'join', channelId: someChannel, incarnation: 1_000_000 - n }),
  () => json({ type: 'pong' }),
  (n) => json({ type: 'renewToken', request: n, token: 'none' }),
]
const oversized = 'x'.repeat(MAX_SERVER_MESSAGE_BYTES + 1)

const closes: Record<string, number> = {}
let sent = 0
let quota = 0
let begun = 0

process.on('message', (inputs: number) => {
  void attack(inputs).then(() => process.send?.({ sent, closes }))
})
process.on('disconnect', () => process.exit())
process.send?.('ready')

async function attack(inputs: number): Promise<void> {
  quota = sent + inputs
  begun = performance.now() - (sent / INPUTS_PER_SECOND) * 1_000
  await Promise.all(identities.map((identity, i) => attackAs(identity, i)))
}

/** One socket after the other, each for another purpose. */
async function attackAs(identity: TestIdentity, i: number): Promise<void> {
  for (let turn = i; sent < quota; turn++) {
    await pace()
    const headers = { 'x-forwarded-for': `198.51.100.${i % ADDRESSES}` }
    const page = new TestPage(url, identity, { headers })
    page.socket.on('error', () => undefined)
    page.socket.on('unexpected-response', (_request, { statusCode }) => {
      count(`HTTP ${statusCode}`)
      page.socket.terminate()
    })
    // That the server does not answer any more is what is expected.
    await misbehave(page, turn).catch(() => undefined)
    const hasLeft = isOpen(page)
    page.socket.terminate()
    const { code } = await page.closed
    count(hasLeft ? 'left' : String(code))
  }
}

async function misbehave(page: TestPage, turn: number): Promise<void> {
  const { nonce } = await page.greeting()
  const login = async (): Promise<void> => {
    page.send(await loginMessage(page.identity, nonce))
    await page.next('loggedIn')
  }
  const send: Send = (input) => {
    if (sent >= quota) return
    sent += 1
    page.socket.send(input, { binary: false })
  }
  switch (turn % 8) {
    case 0:
      return batch(page, (n) => send(pick(malformed, n)))
    case 1:
      return batch(page, (n) => send(pick(outOfOrder, n)))
    case 2:
      if (sent >= quota) return
      send(oversized)
      return untilClosed(page)
    case 3:
      return batch(page, () => send(loginWithoutProof(page)))
    case 4:
      rawSocketOf(page).write(Buffer.from([0xf1, 0x80, 0, 0, 0, 0]))
      sent += 1
      return untilClosed(page)
    case 5:
      await login()
      return flood(page, (n) => send(pick(outOfOrder, n)))
    case 6:
      await login()
      await stream(page, (n) => send(pick(outOfOrder, n)))
      return batch(page, (n) => send(pick(malformed, n)))
    default:
      // Proof of another greeting.
      nonce.fill(1)
      await login()
  }
}

async function batch(page: TestPage, send: (n: number) => void): Promise<void> {
  if (sent >= quota) return
  rawSocketOf(page).cork()
  for (let n = 0; n < BATCH; n++) send(n)
  rawSocketOf(page).uncork()
  await untilClosed(page)
}

/** As much as a client may send at once, and more. */
async function flood(page: TestPage, send: (n: number) => void): Promise<void> {
  for (let n = 0; n < 1_200; n++) send(n)
  await page.settled()
}

/** Nothing that closes the socket by itself. */
async function stream(page: TestPage, send: (n: number) => void): Promise<void> {
  for (let n = 0; n < 200 && isOpen(page); n++) {
    send(n)
    if (n % BATCH === 0) await pace()
  }
}

function loginWithoutProof({ identity }: TestPage): string {
  return json({ type: 'login', userId: identity.userId, credential: 'x'.repeat(3_000) })
}

/** Until as many inputs may be sent as have been: its rate is one of real time, as the server's limits are. */
async function pace(): Promise<void> {
  const aheadMs = (sent / INPUTS_PER_SECOND) * 1_000 - (performance.now() - begun)
  if (aheadMs > 1) await new Promise((resolve) => setTimeout(resolve, aheadMs))
}

async function untilClosed(page: TestPage): Promise<void> {
  if (isOpen(page)) await once(page.socket, 'close')
}

function isOpen({ socket }: TestPage): boolean {
  return socket.readyState === WebSocket.OPEN
}

function rawSocketOf(page: TestPage): Socket {
  return (page.socket as unknown as { _socket: Socket })._socket
}

function pick(inputs: readonly ((n: number) => Input)[], n: number): Input {
  return inputs[n % inputs.length]?.(n) ?? ''
}

function count(how: string): void {
  closes[how] = (closes[how] ?? 0) + 1
}
