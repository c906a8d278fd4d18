import { onTestFinished } from 'vitest'

import type { Bytes } from '../../src/base/bytes.ts'
import { portableCrypto } from '../../src/base/crypto-portable.ts'
import type { SigningKey } from '../../src/base/crypto.ts'
import type { ChannelId, SessionId, UserId } from '../../src/base/ids.ts'
import type { AttributeChange, ChannelAttribute } from '../../src/documents/attribute.ts'
import { SharedDocument } from '../../src/documents/shared-document.ts'
import type { OpeningEvents, SideChannel, SideChannelEvents } from '../../src/mesh/side-channel.ts'
import { Trust } from '../../src/mesh/trust.ts'
import { decodeDocumentLabel } from '../../src/protocol/document-messages.ts'
import type { Peer } from '../../src/protocol/peer.ts'
import { sessionIdFromHash, sessionIdInput } from '../../src/protocol/credential.ts'
import { applyChange } from '../../src/rtm/attribute-change.ts'
import { MemoryStore } from '../../src/storage/memory-store.ts'
import { APP, createIssuer, fingerprintOf } from '../support/credentials.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { noLog } from '../support/no-log.ts'
import { pass } from '../support/pass-time.ts'

export const LOBBY = 'lobby' as ChannelId
const DELAY_MS = 5
const HOUR_MS = 3_600_000

export type World = Awaited<ReturnType<typeof createWorld>>
export type Holder = Awaited<ReturnType<World['holder']>>

/** One end of a channel between two holders. */
class End implements SideChannel {
  readonly bufferedBytes = 0
  other: End | undefined
  isClosed = false

  constructor(
    private readonly clock: ManualClock,
    readonly events: SideChannelEvents,
  ) {}

  send(message: Bytes): void {
    const copy = new Uint8Array(message)
    const { other } = this
    if (!this.isClosed) this.clock.after(DELAY_MS, () => other?.isClosed === false && other.events.message(copy))
  }

  close(): void {
    if (this.isClosed) return
    this.isClosed = true
    const { other } = this
    this.clock.after(DELAY_MS, () => other?.lose())
  }

  /** Ends without a word of this side. */
  lose(): void {
    if (this.isClosed) return
    this.isClosed = true
    this.events.closed()
  }
}

/** Holders of one channel's document, on a clock that a test moves, over links that a test cuts. */
export async function createWorld() {
  const clock = new ManualClock()
  const issuer = await createIssuer()
  const holders = new Map<SessionId, Holder>()
  const ends = new Map<string, Set<End>>()
  const cut = new Set<string>()
  const pairOf = (a: SessionId, b: SessionId): string => [a, b].sort().join()

  function channel(a: SessionId, b: SessionId, mine: SideChannelEvents, theirs: SideChannelEvents): [End, End] {
    const [one, other] = [new End(clock, mine), new End(clock, theirs)]
    one.other = other
    other.other = one
    const open = ends.get(pairOf(a, b)) ?? new Set()
    ends.set(pairOf(a, b), open.add(one).add(other))
    return [one, other]
  }

  function openChannel(
    from: Holder,
    to: SessionId,
    label: Bytes,
    events: OpeningEvents,
  ): SideChannel | undefined {
    const target = holders.get(to)
    const decoded = decodeDocumentLabel(label)
    if (!target || !decoded || cut.has(pairOf(from.peer.sessionId, to))) return undefined
    const early: Bytes[] = []
    let mine: End | undefined
    clock.after(DELAY_MS, () => {
      if (cut.has(pairOf(from.peer.sessionId, to))) return events.closed()
      target.document.offered(
        {
          from: from.peer,
          label,
          accept(theirEvents) {
            const [one, other] = channel(from.peer.sessionId, to, events, theirEvents)
            mine = one
            clock.after(DELAY_MS, () => {
              events.opened()
              for (const message of early.splice(0)) one.send(message)
            })
            return other
          },
          refuse: (answer) => void clock.after(DELAY_MS, () => events.refused(answer)),
        },
        decoded,
      )
    })
    return {
      bufferedBytes: 0,
      send: (message) => (mine ? mine.send(message) : early.push(message)),
      close: () => mine?.close(),
    }
  }

  async function holder(
    name: string,
    options: {
      isMember?: boolean
      store?: MemoryStore
      serverNow?: () => number
      issuer?: Awaited<ReturnType<typeof createIssuer>>
      login?: string
    } = {},
  ) {
    const { isMember = true, store = new MemoryStore(), serverNow = () => clock.now() } = options
    const signingKey: SigningKey = await portableCrypto.generateSigningKey()
    const fingerprint = fingerprintOf(options.login ?? name)
    const hash = await portableCrypto.sha256(
      sessionIdInput({ fingerprint, signingKey: signingKey.publicKey }),
    )
    const peer: Peer = { userId: name as UserId, sessionId: sessionIdFromHash(hash), loginTime: clock.now() }
    const trust = new Trust(APP, portableCrypto, clock)
    await trust.addServerKeys([(options.issuer ?? issuer).publicKey])
    const credential = await (options.issuer ?? issuer).issue(name, {
      fingerprint,
      signingKey: signingKey.publicKey,
      issuedAt: clock.now(),
      expiresAt: clock.now() + 12 * HOUR_MS,
    })
    const updates: (readonly ChannelAttribute[])[] = []
    const holder = {
      peer,
      store,
      trust,
      credential,
      signingKey,
      updates,
      document: undefined as unknown as SharedDocument,
      write: (change: AttributeChange, notify = false) =>
        holder.document.write(change, (attributes, it) => applyChange(attributes, it, 32 * 1024), notify),
      set: (key: string, value: string) => holder.write({ kind: 'update', attributes: [{ key, value }] }),
      delete: (...keys: string[]) => holder.write({ kind: 'delete', keys }),
      /** The attributes in words. */
      async read(): Promise<string> {
        const reading = holder.document.read()
        await pass(clock, 3_000)
        return inWords(await reading)
      },
      knows(...others: Holder[]): void {
        for (const other of others) {
          holder.document.addHolder(other.peer)
          other.document.addHolder(peer)
        }
      },
    }
    holder.document = await SharedDocument.open(
      {
        appId: APP,
        channelId: LOBBY,
        me: peer,
        clock,
        log: noLog,
        crypto: portableCrypto,
        store,
        now: serverNow,
        ttlMs: () => 24 * HOUR_MS,
        sign: (input) => signingKey.sign(input),
        credential: () => credential,
        verifyAuthor: (text, keys) => trust.verifyAuthor(text, keys),
        serverKeyIds: () => trust.serverKeyIds,
        openChannel: (to, label, events) => openChannel(holder, to.sessionId, label, events),
        isLinked: (sessionId) => holders.has(sessionId) && !cut.has(pairOf(peer.sessionId, sessionId)),
        send: (to, message) => {
          clock.after(DELAY_MS, () => holders.get(to.sessionId)?.document.receive(peer, message))
        },
      },
      {
        updated: (attributes) => updates.push(attributes),
        forward: (message, except) => {
          for (const [sessionId, other] of holders) {
            if (sessionId !== peer.sessionId && sessionId !== except.sessionId)
              clock.after(DELAY_MS, () => other.document.receive(peer, message))
          }
        },
      },
      isMember,
    )
    holders.set(peer.sessionId, holder)
    return holder
  }

  const world = {
    clock,
    issuer,
    holder,
    pass: (ms: number) => pass(clock, ms),
    /** Holders who know of each other. */
    async lobby<Names extends readonly string[]>(...names: Names): Promise<{ [K in keyof Names]: Holder }> {
      const all: Holder[] = []
      for (const name of names) {
        const one = await holder(name)
        one.knows(...all)
        all.push(one)
      }
      await world.pass(100)
      return all as { [K in keyof Names]: Holder }
    },
    /** The link between two is cut, or stands again. */
    cut(a: Holder, b: Holder): void {
      const pair = pairOf(a.peer.sessionId, b.peer.sessionId)
      cut.add(pair)
      for (const end of ends.get(pair) ?? []) end.lose()
      ends.delete(pair)
      a.document.unlinked(b.peer.sessionId)
      b.document.unlinked(a.peer.sessionId)
    },
    join(a: Holder, b: Holder): void {
      cut.delete(pairOf(a.peer.sessionId, b.peer.sessionId))
      a.document.linked(b.peer.sessionId)
      b.document.linked(a.peer.sessionId)
    },
    /** The page of a holder is gone. */
    async leave(one: Holder): Promise<void> {
      await one.document.close()
      holders.delete(one.peer.sessionId)
      for (const other of holders.values()) other.document.remove(one.peer.sessionId)
      await world.pass(50)
    },
    /** A call's result, when time has passed for it. */
    async result<T>(call: Promise<T>, ms = 1_000): Promise<T> {
      await world.pass(ms)
      return call
    },
  }
  onTestFinished(async () => {
    for (const { document } of holders.values()) await document.close()
    await world.pass(100)
    if (clock.pending > 0) throw new Error(`${clock.pending} timers are left`)
  })
  return world
}

export function inWords(attributes: readonly ChannelAttribute[] | undefined): string {
  if (!attributes) return 'no answer'
  return attributes.map(({ key, value, lastUpdateUserId }) => `${key}=${value} (${lastUpdateUserId})`).join(' ')
}
