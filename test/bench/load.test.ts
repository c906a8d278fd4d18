import { onTestFinished, expect, test } from 'vitest'
import { WebSocketServer } from 'ws'

import { enterAll, Member } from '../../bench/load/crowd.mjs'
import { SIGNAL_BYTES } from '../../bench/load/dialects/dialect.mjs'
import { peerjs } from '../../bench/load/dialects/peerjs.mjs'
import { rtmMesh } from '../../bench/load/dialects/rtm-mesh.mjs'
import { yWebrtc } from '../../bench/load/dialects/y-webrtc.mjs'
import { tableOfAttack } from '../../bench/load/hostile.mjs'
import { busiest } from '../../bench/load/profile.mjs'
import { flood, pairsOf, quantile, trickle } from '../../bench/load/signals.mjs'
import { frameAt, frameOf } from '../../bench/load/web-socket.mjs'
import { createSignalingServer } from '../../signaling/index.ts'
import { noLog } from '../support/no-log.ts'

test('the load generator logs users in at the real server, and counts the signals that it passes on', async () => {
  const server = await createSignalingServer({ port: 0, log: noLog })
  onTestFinished(() => server.close())
  const members = await enterAll(server.port, await rtmMesh(4))
  onTestFinished(() => members.forEach((member) => member.destroy()))
  const pairs = pairsOf(members, 2)

  const flooded = await flood(
    pairs,
    { warmUpMs: 5, measureMs: 50 },
    async () => server.stats().relayedSignals,
  )
  const { tookMs, lost } = await trickle(pairs, { perSecond: 100, measureMs: 100 })

  expect(server.stats().openSockets).toBe(4)
  expect(flooded.count).toBeGreaterThan(20)
  // What was on its way when it was asked.
  expect(Math.abs(flooded.after - flooded.before - flooded.count)).toBeLessThanOrEqual(4 * pairs.length)
  expect(tookMs.length).toBeGreaterThan(5)
  expect(lost).toBe(0)
})

test('signals of a pair that are on their way at one time each take their own time, and those that never come are lost', async () => {
  const members = await silentMembers()
  const [, bob] = members
  const signals = trickle(pairsOf(members, 1), { perSecond: 100, measureMs: 200 })
  const arrive = setTimeout(() => {
    for (let i = 0; i < 3; i++) bob?.onSignal()
  }, 150)
  onTestFinished(() => clearTimeout(arrive))
  const { tookMs, sent, lost } = await signals
  expect(tookMs).toHaveLength(3)
  // Sent 10 ms after each other, and there at one moment, long after the pair's next ones were sent.
  expect(tookMs[2]).toBeGreaterThan(100)
  expect(sent - lost).toBe(3)
})

/** Two who are linked to nobody: what they send goes nowhere. */
async function silentMembers() {
  return (await rtmMesh(2)).map((client) => new Member(client))
}

test('the table of an attack has all rounds, and a median of each row', () => {
  const phase = { p50Ms: 0.1, p99Ms: 0.5, sent: 10, lost: 0, cpu: 0.1 }
  const attacked = { ...phase, connections: 3, turnedAway: 1, atTheDoor: 1, lookedAt: 9, refused: 2 }
  const round = { quiet: phase, scattered: { ...attacked, p99Ms: 1 }, together: attacked }
  const lines = tableOfAttack([round, round, round]).split('\n')
  expect(lines.find((line) => /of that in quiet times/.test(line))).toMatch(/( +2\.00){4}$/)
  expect(lines.slice(1).every((line) => /( +\d+(\.\d+)?){4}$/.test(line))).toBe(true)
})

test('a member whose connection the server ends before it is logged in says so', async () => {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' })
  onTestFinished(() => {
    server.close()
  })
  server.on('connection', (socket) => socket.close(1013))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0

  await expect(enterAll(port, await yWebrtc(1))).rejects.toThrow('before it was logged in')
})

test.for([
  ['rtm-mesh', rtmMesh],
  ['y-webrtc', yWebrtc],
  ['peerjs', peerjs],
] as const)('signals to the server of %s have the same size as those to the others', async ([, dialect]) => {
  const [even, odd] = await dialect(2)
  expect(Buffer.byteLength(even?.signal(odd?.address ?? '') ?? '')).toBe(SIGNAL_BYTES)
  expect(Buffer.byteLength(odd?.signal(even?.address ?? '') ?? '')).toBe(SIGNAL_BYTES + 1)
})

test('what the server of y-webrtc sends back to who has sent it does not count', async () => {
  const [even, odd] = await yWebrtc(2)
  const sent = { ...(JSON.parse(even?.signal(odd?.address ?? '') ?? '') as object), clients: 2 }
  const { length } = JSON.stringify(sent)
  expect(odd?.isSignal(length)).toBe(true)
  expect(even?.isSignal(length)).toBe(false)
})

test.for([[0], [125], [126], [700], [65_535]])(
  'a frame with %i bytes is found again, and half of it is not',
  ([bytes = 0]) => {
    const frame = frameOf('x'.repeat(bytes))
    // Those of servers are not masked.
    const masked = frame.length - bytes - 4
    const fromServer = Buffer.concat([frame.subarray(0, masked), frame.subarray(masked + 4)])
    expect(frameAt(Buffer.concat([Buffer.from('ab'), fromServer]), 2)).toEqual({
      opcode: 1,
      start: 2 + masked,
      end: 2 + fromServer.length,
    })
    expect(frameAt(fromServer.subarray(0, -1), 0)).toBeUndefined()
  },
)

test('quantiles are those of what was measured, and of nothing there is none', () => {
  expect(quantile([1, 2, 3, 4], 0.5)).toBe(3)
  expect(quantile([1, 2, 3, 4], 0.99)).toBe(4)
  expect(quantile([], 0.5)).toBeNaN()
})

test('a profile names the functions that took the time, and leaves out when nothing was to be done', () => {
  const node = (id: number, functionName: string) => ({
    id,
    callFrame: { functionName, scriptId: '1', url: 'file:///a/b/c.js', lineNumber: 6, columnNumber: 0 },
  })
  const nodes = [node(1, '(idle)'), node(2, 'relay'), node(3, '')]
  const profile = { nodes, startTime: 0, endTime: 10, samples: [1, 2, 3, 2], timeDeltas: [5, 2, 1, 1] }
  expect(busiest(profile, 1)).toEqual([{ where: 'relay b/c.js:7', share: 0.75 }])
  expect(busiest(profile, 9).map(({ where }) => where)).toEqual(['relay b/c.js:7', '(anonymous) b/c.js:7'])
})
