import type { Clock } from '../../src/base/clock.ts'
import { isSessionId, type SessionId } from '../../src/base/ids.ts'
import type { Log } from '../../src/base/logger.ts'
import type { NodeId } from '../session.ts'
import {
  type Bus,
  type BusListener,
  type Change,
  DECISIONS_LEASE_MS,
  type Leases,
  type SharedClaim,
  type SharedVerdict,
  type Snapshot,
  usualLeases,
} from './bus.ts'
import { isNodeId } from './cluster-messages.ts'
import { databaseOf, RedisConnection } from './redis-connection.ts'
import { claimArguments, claimScript, releaseScript, verdictIn } from './redis-scripts.ts'

/** A login does not wait longer for the decision of all: it is decided here then, and put right later. */
const CLAIM_TIMEOUT_MS = 2_000
/** Letters under way to Redis: 64 MB at worst. Those beyond are undeliverable. */
const MAX_POSTS = 1_000
/** Fields that are written by one command. */
const FIELDS_AT_ONCE = 500
/** Of one hash; who writes more into it is no node. */
const MAX_FIELDS = 200_000

/** Beside the sessions in a node's hash. Where the second is missing, what was told before some change is lost. */
const NUMBER = 'number'
const WHOLE = 'whole'

/**
 * What nodes have in common, in one database of a Redis or Valkey. All keys end by themselves.
 *
 *     rtm-mesh:1:DB:nodes            hash: the nodes that may be there
 *     rtm-mesh:1:DB:node:NODE        hash: its sessions as it told of them, and the number of its last change
 *     rtm-mesh:1:DB:user:APP USER    login time, session and stay of who has this name
 *     rtm-mesh:1:DB:holders, :untils whose the session ids are, and until when that counts
 *     rtm-mesh:1:DB:kept             hash: what operators decided
 *
 * News and letters are published; channels belong to no database, so their names have its number too.
 */
export class RedisBus implements Bus {
  private readonly prefix: string
  private node: NodeId | undefined
  private listener: BusListener | undefined
  private state: 'away' | 'trying' | 'up' | 'closed' = 'away'
  private posts = 0

  constructor(
    private readonly connection: RedisConnection,
    url: string,
    private readonly clock: Clock,
    private readonly log: Log,
    private readonly leases: Leases = usualLeases,
  ) {
    this.prefix = `rtm-mesh:1:${databaseOf(url)}:`
  }

  static async at(url: string, clock: Clock, log: Log, leases?: Leases): Promise<RedisBus> {
    return new RedisBus(await RedisConnection.to(url, log), url, clock, log, leases)
  }

  get isUp(): boolean {
    return this.state === 'up'
  }

  get store(): RedisConnection['client'] {
    return this.connection.client
  }

  open(node: NodeId, listener: BusListener): Promise<void> {
    this.node = node
    this.listener = listener
    const own = this.letterBox(node)
    const hear = (channel: string, text: string): void => {
      if (channel === own) listener.letter(text)
      else listener.news(text)
    }
    return this.connection.open([this.key('news'), own], hear, {
      ready: () => this.tryToWrite(),
      lost: (reason) => this.fail(reason),
    })
  }

  async claim(claim: SharedClaim): Promise<SharedVerdict | undefined> {
    if (!this.isUp) return undefined
    const answer = await this.inTime(this.evalClaims([claim]))
    return verdictIn(answer?.[0])
  }

  hold(claims: readonly SharedClaim[]): void {
    if (this.isUp) void this.evalClaims(claims)
  }

  release(claim: Pick<SharedClaim, 'appId' | 'userId' | 'sessionId'>): void {
    if (!this.isUp) return
    const options = { keys: [this.userKey(claim)], arguments: [claim.sessionId] }
    void this.attempt(this.client.eval(releaseScript, options))
  }

  write({ number, sessions }: Snapshot): void {
    if (!this.isUp || this.node === undefined) return
    const [own, nodes] = [this.nodeKey(this.node), this.key('nodes')]
    const { nodeMs } = this.leases
    const commands = this.client
      .multi()
      .del(own)
      .hSet(own, { [NUMBER]: number, [WHOLE]: '1' })
    for (const fields of inParts([...sessions])) commands.hSet(own, fields)
    commands.pExpire(own, nodeMs).hSet(nodes, this.node, '').pExpire(nodes, nodeMs)
    void this.attempt(commands.exec())
  }

  change({ number, sessions, news }: Change): void {
    if (!this.isUp || this.node === undefined) return
    const own = this.nodeKey(this.node)
    const commands = this.client.multi().hSet(own, NUMBER, number)
    const told = [...sessions].filter((entry): entry is [SessionId, string] => entry[1] !== undefined)
    const over = [...sessions.keys()].filter((sessionId) => sessions.get(sessionId) === undefined)
    if (over.length > 0) commands.hDel(own, over)
    if (told.length > 0) commands.hSet(own, told)
    commands.pExpire(own, this.leases.nodeMs).publish(this.key('news'), news)
    void this.attempt(commands.exec())
  }

  async beat(news: string): Promise<boolean> {
    if (!this.connection.stands || this.node === undefined) return true
    if (this.state === 'away') {
      await this.tryToWrite()
      return true
    }
    const [own, nodes] = [this.nodeKey(this.node), this.key('nodes')]
    const { nodeMs } = this.leases
    const commands = this.client.multi().hExists(own, WHOLE).pExpire(own, nodeMs)
    commands.hSet(nodes, this.node, '').pExpire(nodes, nodeMs)
    commands.pExpire(this.key('kept'), DECISIONS_LEASE_MS).publish(this.key('news'), news)
    const [isWhole] = (await this.attempt(commands.exec())) ?? [1]
    return Number(isWhole) === 1
  }

  async read(node: NodeId): Promise<Snapshot | undefined> {
    const fields = await this.fieldsOf(this.nodeKey(node))
    const number = Number(fields?.get(NUMBER) ?? NaN)
    if (!fields?.has(WHOLE) || !Number.isSafeInteger(number) || number < 0) return undefined
    const sessions = new Map<SessionId, string>()
    for (const [name, text] of fields) if (isSessionId(name)) sessions.set(name, text)
    return { number, sessions }
  }

  async nodes(): Promise<readonly NodeId[]> {
    const names = this.isUp ? await this.attempt(this.client.hKeys(this.key('nodes'))) : undefined
    const there: NodeId[] = []
    for (const name of (names ?? []).filter(isNodeId)) {
      if (await this.attempt(this.client.exists(this.nodeKey(name)))) there.push(name)
    }
    return there
  }

  forget(node: NodeId): void {
    if (this.isUp) void this.attempt(this.client.hDel(this.key('nodes'), node))
  }

  async post(to: NodeId, letter: string): Promise<boolean> {
    if (!this.isUp || this.posts >= MAX_POSTS) return false
    this.posts += 1
    const takers = await this.attempt(this.client.publish(this.letterBox(to), letter))
    this.posts -= 1
    return Number(takers ?? 0) > 0
  }

  keep(texts: ReadonlyMap<string, string | undefined>): void {
    if (!this.isUp || texts.size === 0) return
    const key = this.key('kept')
    const commands = this.client.multi()
    const kept = [...texts].filter((entry): entry is [string, string] => entry[1] !== undefined)
    for (const fields of inParts(kept)) commands.hSet(key, fields)
    const over = [...texts.keys()].filter((name) => texts.get(name) === undefined)
    if (over.length > 0) commands.hDel(key, over)
    commands.pExpire(key, DECISIONS_LEASE_MS)
    void this.attempt(commands.exec())
  }

  async kept(): Promise<ReadonlyMap<string, string>> {
    return (await this.fieldsOf(this.key('kept'))) ?? new Map<string, string>()
  }

  announce(news: string): void {
    if (this.isUp) void this.attempt(this.client.publish(this.key('news'), news))
  }

  async close(): Promise<void> {
    if (this.isUp && this.node !== undefined) {
      const commands = this.client.multi().del(this.nodeKey(this.node)).hDel(this.key('nodes'), this.node)
      await this.inTime(this.attempt(commands.exec()))
    }
    this.state = 'closed'
    this.connection.close()
  }

  private get client(): RedisConnection['client'] {
    return this.connection.client
  }

  /** A Redis that takes no writes (full, a replica, without the right) is as good as none. */
  private async tryToWrite(): Promise<void> {
    if (this.state !== 'away' || this.node === undefined) return
    this.state = 'trying'
    const nodes = this.key('nodes')
    try {
      await this.client.multi().hSet(nodes, this.node, '').pExpire(nodes, this.leases.nodeMs).exec()
    } catch (error) {
      return this.fail(reasonIn(error))
    }
    if (this.state !== 'trying') return
    this.state = 'up'
    this.listener?.up()
  }

  private fail(reason: string): void {
    if (this.state === 'closed') return
    this.state = 'away'
    this.listener?.down(reason)
  }

  /** Undefined if it failed: everything is written anew then. */
  private async attempt<Reply>(command: Promise<Reply>): Promise<Reply | undefined> {
    try {
      return await command
    } catch (error) {
      if (this.isUp) this.fail(reasonIn(error))
      return undefined
    }
  }

  private inTime<Reply>(reply: Promise<Reply>): Promise<Reply | undefined> {
    return new Promise((resolve, reject) => {
      const cancel = this.clock.after(CLAIM_TIMEOUT_MS, () => resolve(undefined))
      reply.then(resolve, reject).finally(cancel)
    })
  }

  private async evalClaims(claims: readonly SharedClaim[]): Promise<unknown[] | undefined> {
    const keys = [this.key('holders'), this.key('untils'), ...claims.map((claim) => this.userKey(claim))]
    const options = { keys, arguments: claimArguments(claims, this.clock.now(), this.leases.claimMs) }
    const answers: unknown = await this.attempt(this.client.eval(claimScript, options))
    return Array.isArray(answers) ? answers : undefined
  }

  private async fieldsOf(key: string): Promise<Map<string, string> | undefined> {
    if (!this.isUp) return undefined
    const size = await this.attempt(this.client.hLen(key))
    if (size === undefined || size === 0) return undefined
    if (size > MAX_FIELDS) {
      this.log('error', 'A hash of the cluster in Redis is larger than any node makes it; it is not read')
      return undefined
    }
    const fields = await this.attempt(this.client.hGetAll(key))
    return fields && new Map(Object.entries(fields))
  }

  private key(name: string): string {
    return this.prefix + name
  }

  private nodeKey(node: NodeId): string {
    return this.key(`node:${node}`)
  }

  private letterBox(node: NodeId): string {
    return this.key(`to:${node}`)
  }

  private userKey({ appId, userId }: Pick<SharedClaim, 'appId' | 'userId'>): string {
    return this.key(`user:${appId} ${userId}`)
  }
}

function* inParts(fields: [string, string][]): Iterable<[string, string][]> {
  for (let from = 0; from < fields.length; from += FIELDS_AT_ONCE)
    yield fields.slice(from, from + FIELDS_AT_ONCE)
}

function reasonIn(error: unknown): string {
  return error instanceof Error ? error.message : 'it did not take a command'
}
