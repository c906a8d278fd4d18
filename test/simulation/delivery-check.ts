import type { Login } from './login.ts'
import { describe, isRefused, type Message } from './message-book.ts'
import type { World } from './world.ts'

/** What was sent over a stream has arrived if the two were linked for long enough before it ended; and what was answered with ok. */
export function checkDelivery(world: World): void {
  for (const message of world.book.all) {
    if (isRefused(message)) continue
    if (message.to.kind === 'peer') checkPeerMessage(world, message)
    else for (const member of message.to.members) checkChannelMessage(world, message, member)
  }
}

function checkPeerMessage(world: World, message: Message): void {
  const { from, to, at, answeredAt = at, result, receptions, owedTo } = message
  if (to.kind !== 'peer' || receptions.length > 0) return
  const logins = [...world.logins.values()].filter(({ userId }) => userId === to.userId)
  if (result === 'ok' && !logins.some((login) => mayHaveLost(world, login, message)))
    world.broken(`${describe(message)} was answered ok and has not arrived`)
  for (const there of logins) {
    const { upAt = Infinity } = there
    // What was owed when it was answered was in the stream of that session.
    const isOwed = result === 'timeout' && owedTo.has(there.sessionId) && !hasKeptBefore(world, message)
    if (upAt <= at && isOwed && world.linkTimes.mustHaveArrived(from, there, answeredAt))
      world.broken(`${describe(message)} was answered ${result} and has not arrived at ${there.name}`)
    if (upAt <= at && world.linkTimes.mustArriveAtOnce(from, there, at))
      world.broken(`${describe(message)} was answered ${result} and has not arrived at ${there.name}, linked`)
  }
  if (result === 'cached') checkKeptMessage(world, message, logins)
}

/** It is on a disk; when its user and the receiver are here, where it lies, it is brought. */
function checkKeptMessage(world: World, message: Message, receivers: readonly Login[]): void {
  const { from } = message
  const sender = [...world.logins.values()].find(
    ({ isAlive, upAt, userId, browser }) =>
      isAlive && upAt !== undefined && userId === from.userId && browser === from.browser,
  )
  const there = receivers.find(({ isAlive, upAt }) => isAlive && upAt !== undefined)
  if (sender && there)
    world.broken(`${describe(message)} was kept, and ${sender.name} has not brought it to ${there.name}`)
}

/** A page that crashed may have had it, and not told of it while something before it waited for the disk. */
function mayHaveLost({ book }: World, login: Login, { from, number }: Message): boolean {
  const count = login.untold.get(from.sessionId) ?? 0
  if (count === 0) return false
  const later = book.all.filter(
    (message) => message.from === from && message.number >= number && isTo(message, login),
  )
  return later.filter(({ receptions }) => !receptions.some(({ by }) => by === login)).length <= count
}

/** What is kept for its receiver was sent first and must come first: what has timed out is then given up, if need be. */
function hasKeptBefore({ book }: World, { from, to, number, answeredAt = 0 }: Message): boolean {
  return book.all.some(
    (other) =>
      other.number < number &&
      other.result === 'cached' &&
      other.from.userId === from.userId &&
      other.from.browser === from.browser &&
      other.to.kind === 'peer' &&
      to.kind === 'peer' &&
      other.to.userId === to.userId &&
      !other.receptions.some(({ at }) => at < answeredAt),
  )
}

function isTo({ to }: Message, login: Login): boolean {
  return to.kind === 'peer' ? to.userId === login.userId : to.members.includes(login)
}

function checkChannelMessage(world: World, message: Message, member: Login): void {
  const { from, to, at, receptions } = message
  if (to.kind !== 'channel') return
  const { joinedAt } = member.channels.get(to.channelId) ?? {}
  if (joinedAt === undefined || joinedAt > at || !world.linkTimes.mustHaveArrived(from, member, at)) return
  if (receptions.some(({ by }) => by === member) || mayHaveLost(world, member, message)) return
  world.broken(`${describe(message)} has not arrived at ${member.name}`)
}
