import type { Login } from './login.ts'
import { describe, isRefused, type Message } from './message-book.ts'
import type { World } from './world.ts'

/** Without a link for longer a stream may end (120 s), and what is owed is given up. */
const STREAM_LIVES_MS = 110_000

/** What was sent to sessions that lived has arrived; so has what was answered with ok. */
export function checkDelivery(world: World): void {
  for (const message of world.book.all) {
    if (isRefused(message)) continue
    if (message.to.kind === 'peer') checkPeerMessage(world, message)
    else for (const member of message.to.members) checkChannelMessage(world, message, member)
  }
}

function checkPeerMessage(world: World, message: Message): void {
  const { from, to, at, result, receptions, owedTo } = message
  if (to.kind !== 'peer' || receptions.length > 0) return
  const logins = [...world.logins.values()].filter(({ userId }) => userId === to.userId)
  if (result === 'ok') {
    // A page that crashes may lose what waited for its disk.
    const hasCrashed = logins.some(({ end }) => end?.how === 'crash' && end.at >= at - STREAM_LIVES_MS)
    if (!hasCrashed) world.broken(`${describe(message)} was answered ok and has not arrived`)
    return
  }
  if (result === undefined) return
  const there = logins.find(({ upAt, isAlive }) => isAlive && upAt !== undefined && upAt <= at)
  if (there && from.isAlive && logins.every((login) => login === there || !overlaps(login, at)))
    // A sender to whom nobody could tell of the receiver in time has given it to no stream; nor has one that lost sight
    // of the receiver before a link took the message, and owes it nothing then.
    if (
      result !== 'timeout' ||
      (to.known === there.sessionId && owedTo.has(there.sessionId) && isAlwaysNear(world, from, there, at))
    )
      world.broken(`${describe(message)} was answered ${result} and has not arrived at ${there.name}`)
}

function checkChannelMessage(world: World, message: Message, member: Login): void {
  const { from, to, at, receptions } = message
  if (to.kind !== 'channel' || !from.isAlive || !member.isAlive) return
  const { joinedAt } = member.channels.get(to.channelId) ?? {}
  if (joinedAt === undefined || joinedAt > at || !isAlwaysNear(world, from, member, at)) return
  const hasArrived = receptions.some(({ by }) => by === member)
  if (!hasArrived) world.broken(`${describe(message)} has not arrived at ${member.name}`)
}

function overlaps({ startedAt, end }: Login, at: number): boolean {
  return startedAt >= at || (end?.at ?? Infinity) >= at
}

/** Never so long without a link, and not put away, that what one owed the other was given up. */
function isAlwaysNear(world: World, a: Login, b: Login, since: number): boolean {
  return (
    a.saidGoodbyeAt < since &&
    b.saidGoodbyeAt < since &&
    Math.max(world.reach.longestGap(a, b, since), world.reach.longestGap(b, a, since)) < STREAM_LIVES_MS
  )
}
