/**
 * What the page knows: where we are, who is there, who is linked, what was said. No document, no network: the session
 * writes here, views read and listen.
 */

export type Stage =
  | { readonly at: 'door'; readonly problem?: string }
  /** Signing in: from the door, or again from within a conversation that stays on the screen. */
  | { readonly at: 'entering'; readonly again: boolean }
  | { readonly at: 'inside'; readonly reconnecting: boolean }
  /** Signed out against our will; what was said can still be read. */
  | { readonly at: 'out'; readonly word: string; readonly sentence: string }

export type ConversationId = 'channel' | `peer:${string}`

export type Content =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'file'
      readonly name: string
      readonly type: string
      readonly bytes: Uint8Array<ArrayBuffer>
    }

export type Delivery =
  | { readonly at: 'sending' }
  | { readonly at: 'delivered'; readonly sentence: string }
  /** No answer: it may or may not have arrived. */
  | { readonly at: 'unknown'; readonly sentence: string }
  /** The receiver is away; it waits in this browser. */
  | { readonly at: 'kept'; readonly sentence: string }
  | { readonly at: 'failed'; readonly sentence: string }

export interface Message {
  readonly kind: 'message'
  readonly id: string
  readonly from: string
  readonly time: number
  readonly content: Content
  /** Of our own messages only. */
  readonly delivery?: Delivery
  /** It was kept by its sender while we were away. */
  readonly wasKept?: boolean
}

/** Something that happened in the conversation, in a sentence. */
export interface Note {
  readonly kind: 'note'
  readonly id: string
  readonly time: number
  readonly text: string
}

export type Entry = Message | Note

export interface Conversation {
  readonly id: ConversationId
  readonly entries: readonly Entry[]
  readonly unread: number
}

/** How this browser reaches one other user, from `kit.diagnose()`. */
export interface Link {
  readonly path: string
  readonly state: string
  readonly roundTripMs?: number | undefined
  readonly near?: string | undefined
  readonly far?: string | undefined
  readonly lastError?: string | undefined
}

export interface Server {
  readonly url: string
  readonly state: string
}

/** Whether somebody can be reached, as the kit says. */
export type Standing = 'online' | 'unreachable' | 'offline'

export interface Topic {
  readonly text: string
  /** Who wrote it, and when. */
  readonly by: string
  readonly time: number
}

/**
 * Whom we can meet: everybody whom a server knows, or only the tabs of this browser, as no server has let us in during
 * this visit.
 */
export type Reach = 'unknown' | 'server' | 'browser'

/** What changed; `spoken` and `passed` are about one message. */
interface Events {
  stage: []
  people: []
  links: []
  standings: []
  conversations: []
  open: []
  /** In a sentence, if it is news. */
  topic: [change: string | undefined]
  spoken: [message: Message, conversation: ConversationId]
  passed: [direction: 'in' | 'out', user: string]
}

type Listeners = { readonly [K in keyof Events]: Set<(...values: Events[K]) => void> }

/** More would make the page slow; the oldest go first. */
const MOST_ENTRIES = 500
/** Of those who have left, the last ones are still listed. */
const MOST_GONE = 20

export const peerConversation = (userId: string): ConversationId => `peer:${userId}`
export const peerOf = (id: ConversationId): string | undefined =>
  id === 'channel' ? undefined : id.slice('peer:'.length)

/** The tabs of this browser and one's neighbours are places to meet as well, named in words. */
export const isServer = (name: string): boolean => /^wss?:/.test(name)

export class ChatModel {
  stage: Stage = { at: 'door' }
  me = ''
  channel = ''
  /** The others in the channel, in the order in which they were seen. */
  people: ReadonlySet<string> = new Set()
  /** Who was in the channel during this visit and has left, the last to leave last. */
  gone: ReadonlySet<string> = new Set()
  topic: Topic | undefined
  reach: Reach = 'unknown'
  links: ReadonlyMap<string, Link> = new Map()
  servers: readonly Server[] = []
  /** Of those who are listed. */
  standings: ReadonlyMap<string, Standing> = new Map()
  conversations: ReadonlyMap<ConversationId, Conversation> = new Map()
  open: ConversationId = 'channel'
  private readonly listeners: Listeners = {
    stage: new Set(),
    people: new Set(),
    links: new Set(),
    standings: new Set(),
    conversations: new Set(),
    open: new Set(),
    topic: new Set(),
    spoken: new Set(),
    passed: new Set(),
  }
  private lastId = 0

  on<K extends keyof Events>(event: K, listener: (...values: Events[K]) => void): () => void {
    this.listeners[event].add(listener)
    return () => this.listeners[event].delete(listener)
  }

  emit<K extends keyof Events>(event: K, ...values: Events[K]): void {
    for (const listener of this.listeners[event]) listener(...values)
  }

  /** A new visit: nobody there yet, nothing said. */
  begin(me: string, channel: string): void {
    this.me = me
    this.channel = channel
    this.people = new Set()
    this.gone = new Set()
    this.topic = undefined
    this.links = new Map()
    this.servers = []
    this.standings = new Map()
    this.conversations = new Map([['channel', { id: 'channel', entries: [], unread: 0 }]])
    this.open = 'channel'
    this.emit('people')
    this.emit('links')
    this.emit('conversations')
    this.emit('open')
    this.emit('topic', undefined)
  }

  /** Another channel under the same name; private conversations stay. */
  changeChannel(channel: string): void {
    this.channel = channel
    this.people = new Set()
    this.gone = new Set()
    this.emit('people')
    this.setTopic(undefined)
    this.put({ id: 'channel', entries: [], unread: 0 })
    this.openConversation('channel')
  }

  moveTo(stage: Stage): void {
    if (stage.at === 'entering') this.reach = 'unknown'
    this.stage = stage
    this.emit('stage')
  }

  setPeople(people: Iterable<string>): void {
    const old = this.people
    this.people = new Set(people)
    const gone = [...this.gone, ...old].filter((userId) => !this.people.has(userId))
    this.gone = new Set(gone.slice(-MOST_GONE))
    this.emit('people')
  }

  setTopic(topic: Topic | undefined, change?: string): void {
    this.topic = topic
    if (change !== undefined) this.note('channel', change)
    this.emit('topic', change)
  }

  setLinks(links: ReadonlyMap<string, Link>, servers: readonly Server[]): void {
    this.links = links
    this.servers = servers
    this.emit('links')
    if (this.reach === 'server' || servers.length === 0) return
    const isLetIn = servers.some(({ url, state }) => isServer(url) && state === 'connected')
    const reach = isLetIn ? 'server' : 'browser'
    if (reach === this.reach) return
    this.reach = reach
    this.emit('stage')
  }

  setStandings(changes: Iterable<readonly [userId: string, standing: Standing]>): void {
    this.standings = new Map([...this.standings, ...changes])
    this.emit('standings')
  }

  /** Who is listed without being in the channel: those who have left it, and whom something private was said with. */
  get formerly(): readonly string[] {
    const written = [...this.conversations.values()]
      .filter(({ id, entries }) => id === this.open || entries.some(({ kind }) => kind === 'message'))
      .map(({ id }) => peerOf(id))
      .filter((userId) => userId !== undefined)
    return [...new Set([...written, ...this.gone])].filter((userId) => !this.people.has(userId))
  }

  conversation(id: ConversationId): Conversation {
    return this.conversations.get(id) ?? { id, entries: [], unread: 0 }
  }

  openConversation(id: ConversationId): void {
    this.open = id
    this.put({ ...this.conversation(id), unread: 0 })
    this.emit('open')
  }

  note(id: ConversationId, text: string): void {
    this.add(id, { kind: 'note', id: this.nextId(), time: Date.now(), text })
  }

  /** A message from somebody else. It counts as unread unless the reader is looking at that conversation. */
  hear(id: ConversationId, heard: Omit<Message, 'kind' | 'id' | 'delivery'>, isBeingRead: boolean): void {
    const message: Message = { kind: 'message', id: this.nextId(), ...heard }
    this.add(id, message, isBeingRead ? 0 : 1)
    this.emit('spoken', message, id)
    this.emit('passed', 'in', heard.from)
  }

  /** One's own message; the answer is its id for `setDelivery`. */
  say(id: ConversationId, content: Content): string {
    const entryId = this.nextId()
    const delivery: Delivery = { at: 'sending' }
    this.add(id, { kind: 'message', id: entryId, from: this.me, time: Date.now(), content, delivery })
    for (const user of id === 'channel' ? this.people : [id.slice('peer:'.length)])
      this.emit('passed', 'out', user)
    return entryId
  }

  setDelivery(id: ConversationId, entryId: string, delivery: Delivery): void {
    const conversation = this.conversation(id)
    const entries = conversation.entries.map((entry) =>
      entry.id === entryId && entry.kind === 'message' ? { ...entry, delivery } : entry,
    )
    this.put({ ...conversation, entries })
  }

  remove(id: ConversationId, entryId: string): void {
    const conversation = this.conversation(id)
    this.put({ ...conversation, entries: conversation.entries.filter((entry) => entry.id !== entryId) })
  }

  private add(id: ConversationId, entry: Entry, unread = 0): void {
    const conversation = this.conversation(id)
    this.put({
      id,
      entries: [...conversation.entries, entry].slice(-MOST_ENTRIES),
      unread: conversation.unread + unread,
    })
  }

  private put(conversation: Conversation): void {
    this.conversations = new Map(this.conversations).set(conversation.id, conversation)
    this.emit('conversations')
  }

  private nextId(): string {
    return `${++this.lastId}`
  }
}
