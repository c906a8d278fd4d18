import type { AttributeChange } from '../../src/documents/attribute.ts'
import type {
  ChannelSendOutcome,
  JoinOutcome,
  LoginOutcome,
  PeerSendOutcome,
  SubscribeOutcome,
  UserReadOutcome,
} from '../../src/rtm/outcomes.ts'
import type { Dice } from './dice.ts'
import { streamsWith } from './inside.ts'
import { contentOf } from './numbered.ts'
import { loginOf } from './login.ts'
import type { SimulatedPage } from './page.ts'
import { CHANNELS, USERS, type World } from './world.ts'

const KEYS = ['a', 'b', 'c', 'd'] as const

interface Operation {
  readonly weight: number
  readonly run: (world: World, dice: Dice) => void
}

/** What users do. */
const operations: readonly Operation[] = [
  { weight: 12, run: comeBack },
  { weight: 1, run: (world, dice) => withPage(world, dice, (page) => logIn(world, page, true)) },
  { weight: 2, run: (world, dice) => withPage(world, dice, (page) => logOut(world, page)) },
  { weight: 12, run: (world, dice) => withPage(world, dice, (page) => join(world, page, dice)) },
  { weight: 3, run: (world, dice) => withPage(world, dice, (page) => leave(world, page, dice)) },
  { weight: 25, run: (world, dice) => withPage(world, dice, (page) => sendToPeer(world, page, dice)) },
  { weight: 20, run: (world, dice) => withPage(world, dice, (page) => sendToChannel(world, page, dice)) },
  { weight: 4, run: (world, dice) => withPage(world, dice, (page) => subscribe(world, page, dice)) },
  { weight: 1, run: (world, dice) => withPage(world, dice, (page) => unsubscribe(world, page, dice)) },
  { weight: 2, run: (world, dice) => withPage(world, dice, (page) => queryPeers(world, page)) },
  { weight: 1, run: (world, dice) => withPage(world, dice, (page) => countMembers(world, page)) },
  {
    weight: 4,
    run: (world, dice) => withPage(world, dice, (page) => writeUserAttributes(world, page, dice)),
  },
  { weight: 4, run: (world, dice) => withPage(world, dice, (page) => readUserAttributes(world, page, dice)) },
  {
    weight: 4,
    run: (world, dice) => withPage(world, dice, (page) => writeChannelAttributes(world, page, dice)),
  },
  {
    weight: 3,
    run: (world, dice) => withPage(world, dice, (page) => readChannelAttributes(world, page, dice)),
  },
]

export function operate(world: World, dice: Dice): void {
  dice.weighted(operations)?.run(world, dice)
}

export function logIn(world: World, page: SimulatedPage, isRetry = false): void {
  const { calls } = world
  if (page.engine.state === 'disconnected' || isRetry)
    calls.make<LoginOutcome>(
      page,
      'login',
      (done) => page.engine.login(null, page.userId, done),
      (outcome) => {
        if (outcome === 'ok' && page.login) page.login.upAt ??= world.now
        else if (outcome !== 'already-login' && outcome !== 'too-often') page.over('failed')
      },
    )
}

export function logOut(world: World, page: SimulatedPage): void {
  world.calls.make(page, 'logout', (done) => {
    page.over('logout')
    page.engine.logout(done)
  })
}

/** Somebody who is not logged in does so, mostly where the last page was; or somebody who is does so elsewhere too. */
function comeBack(world: World, dice: Dice): void {
  const userId = dice.of(USERS)
  if (!userId) return
  const mine = world.pages.filter((page) => page.userId === userId)
  const out = mine.find(({ engine, process }) => process.isAwake && engine.state === 'disconnected')
  const over = mine.find(({ engine, process }) => process.isAwake && engine.state === 'aborted')
  const isElsewhere = dice.percent(8)
  if (over) return logOut(world, over)
  if (out) return logIn(world, out)
  if (mine.length === 0)
    return logIn(world, world.open(userId, isElsewhere ? dice.of(world.browsers) : undefined))
  if (mine.length === 1 && isElsewhere) logIn(world, world.open(userId, dice.of(world.browsers)))
}

export function join(world: World, page: SimulatedPage, dice: Dice, channelId = dice.of(CHANNELS)): void {
  if (!channelId) return
  const login = loginOf(page)
  world.calls.make<JoinOutcome>(
    page,
    `join ${channelId}`,
    (done) => page.engine.join(channelId, page.roomEvents(channelId), done),
    (outcome) => {
      if (outcome !== 'ok' || !login) return
      const leftAt = login.channels.get(channelId)?.leftAt
      login.channels.set(channelId, { joinedAt: world.now, leftAt })
      world.words.says(page, 'has joined', [channelId])
      // The room is opened right after the answer.
      queueMicrotask(() => world.members.opened(page, channelId))
    },
  )
}

function leave(world: World, page: SimulatedPage, dice: Dice): void {
  const channelId = dice.of(CHANNELS)
  if (!channelId) return
  const outcome = page.engine.leave(channelId)
  world.trace.note(`${page.name}> leave ${channelId}: ${outcome}`)
  if (outcome !== 'ok') return
  // Of a join that is undone others have not heard from this session.
  if (page.login?.isIn(channelId)) world.words.says(page, 'has left', [channelId])
  loginOf(page)?.channels.set(channelId, { joinedAt: undefined, leftAt: world.now })
}

export function sendToPeer(world: World, page: SimulatedPage, dice: Dice, to = dice.of(USERS)): void {
  const { book, calls } = world
  const from = loginOf(page)
  if (!from || !to) return
  const isKept = dice.percent(25)
  const message = book.add(from, {
    kind: 'peer',
    userId: to,
    isKept,
    known: page.session?.directory.get(to)?.sessionId,
  })
  const content = contentOf(message.number, sizeOf(dice), dice.percent(20))
  const what = `message ${message.number} to ${to}${isKept ? ' (kept)' : ''}`
  world.answers.calling(page, message)
  calls.make<PeerSendOutcome>(
    page,
    what,
    (done) => page.engine.sendToPeer(to, content, { isKeptIfOffline: isKept }, done),
    (outcome) => {
      book.answered(message, outcome, streamsWith(page.session, message.number))
      world.answers.answered(page, message)
    },
  )
}

export function sendToChannel(
  world: World,
  page: SimulatedPage,
  dice: Dice,
  channelId = dice.of(CHANNELS),
): void {
  const { book, calls, logins } = world
  const from = loginOf(page)
  if (!channelId || !from?.isIn(channelId)) return
  const room = page.session?.channels.room(channelId)
  const members = (room?.members ?? []).flatMap(({ sessionId }) => logins.get(sessionId) ?? [])
  const message = book.add(from, { kind: 'channel', channelId, members })
  const content = contentOf(message.number, sizeOf(dice), dice.percent(20))
  const names = members.map(({ name }) => name).join(' ')
  world.answers.calling(page, message)
  calls.make<ChannelSendOutcome>(
    page,
    `message ${message.number} to ${channelId} (${names})`,
    (done) => page.engine.sendToChannel(channelId, content, done),
    (outcome) => {
      book.answered(message, outcome)
      world.answers.answered(page, message)
    },
  )
}

function subscribe(world: World, page: SimulatedPage, dice: Dice): void {
  const userIds = USERS.filter(() => dice.percent(50))
  const login = loginOf(page)
  if (login) world.presence.subscribing(login, userIds)
  world.calls.make<SubscribeOutcome>(
    page,
    `subscribe to ${userIds.join()}`,
    (done) => page.engine.subscribePeers(userIds, done),
    (outcome) => {
      if (!login) return
      if (outcome === 'ok') world.presence.subscribed(login, userIds)
      else world.presence.refused(login, userIds)
    },
  )
}

function unsubscribe(world: World, page: SimulatedPage, dice: Dice): void {
  const userIds = USERS.filter(() => dice.percent(30))
  const outcome = page.engine.unsubscribePeers(userIds)
  world.trace.note(`${page.name}> unsubscribe from ${userIds.join()}: ${outcome}`)
  const login = loginOf(page)
  if (outcome === 'ok' && login) world.presence.unsubscribed(login, userIds)
}

function queryPeers(world: World, page: SimulatedPage): void {
  world.calls.make<unknown>(page, 'query of all', (done) => page.engine.queryPeers(USERS, done))
}

function countMembers(world: World, page: SimulatedPage): void {
  world.calls.make<unknown>(page, 'count of members', (done) => page.engine.countMembers(CHANNELS, done))
}

function writeUserAttributes(world: World, page: SimulatedPage, dice: Dice): void {
  const change = anyChange(world, dice)
  const login = loginOf(page)
  world.calls.make<string>(
    page,
    `write own ${shown(change)}`,
    (done) => page.engine.writeUserAttributes(change, done),
    (outcome) => {
      if (outcome !== 'ok' || !login) return
      login.attributes = changed(login.attributes, change)
      world.attributes.wrote(login, login.attributes)
    },
  )
}

function readUserAttributes(world: World, page: SimulatedPage, dice: Dice): void {
  const of = dice.of(USERS)
  const since = world.now
  if (!of) return
  world.calls.make<UserReadOutcome>(
    page,
    `read of ${of}`,
    (done) => page.engine.readUserAttributes(of, undefined, done),
    (answer) => world.attributes.read(page.name, of, since, answer),
  )
}

function writeChannelAttributes(world: World, page: SimulatedPage, dice: Dice): void {
  const channelId = dice.of(CHANNELS)
  const change = anyChange(world, dice)
  const notify = dice.percent(50)
  const login = loginOf(page)
  const at = world.now
  world.calls.make<string>(
    page,
    `write ${channelId} ${shown(change)}${notify ? ' (notify)' : ''}`,
    (done) => page.engine.writeChannelAttributes(channelId, change, notify, done),
    (outcome) => {
      if (outcome !== 'ok' || !login || !channelId || !('attributes' in change)) return
      for (const { key } of change.attributes) world.writes.push({ login, channelId, key, at })
    },
  )
}

function readChannelAttributes(world: World, page: SimulatedPage, dice: Dice): void {
  const channelId = dice.of(CHANNELS)
  world.calls.make<unknown>(page, `read ${channelId}`, (done) =>
    page.engine.readChannelAttributes(channelId, undefined, done),
  )
}

function anyChange(world: World, dice: Dice): AttributeChange {
  const key = dice.of(KEYS) ?? 'a'
  const attributes = [{ key, value: `${world.nextValue()}`.padEnd(dice.percent(5) ? 2_000 : 1, '.') }]
  const kind = dice.below(20)
  if (kind < 14) return { kind: 'update', attributes }
  if (kind < 17) return { kind: 'delete', keys: [key] }
  return kind < 19 ? { kind: 'set', attributes } : { kind: 'clear' }
}

function changed(
  attributes: ReadonlyMap<string, string>,
  change: AttributeChange,
): ReadonlyMap<string, string> {
  const next = new Map(change.kind === 'set' || change.kind === 'clear' ? [] : attributes)
  if (change.kind === 'delete') for (const key of change.keys) next.delete(key)
  if (change.kind === 'set' || change.kind === 'update')
    for (const { key, value } of change.attributes) next.set(key, value)
  return next
}

function shown(change: AttributeChange): string {
  if (change.kind === 'delete') return `delete ${change.keys.join()}`
  if (change.kind === 'clear') return 'clear'
  return `${change.kind} ${change.attributes.map(({ key, value }) => `${key}=${value.slice(0, 8)}`).join()}`
}

function sizeOf(dice: Dice): number {
  if (dice.percent(85)) return dice.between(1, 300)
  return dice.percent(80) ? dice.between(300, 8_000) : dice.between(8_000, 32_000)
}

function withPage(world: World, dice: Dice, run: (page: SimulatedPage) => void): void {
  const page = dice.of(world.pages.filter(({ process, isPaused }) => process.isAwake && !isPaused))
  page?.process.run(() => run(page))
}
