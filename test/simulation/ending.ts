import type {
  ChannelReadOutcome,
  MemberCountsOutcome,
  PeersOnlineOutcome,
  UserReadOutcome,
} from '../../src/rtm/outcomes.ts'
import type { ChannelId, UserId } from '../../src/base/ids.ts'
import { textOf } from './attribute-watch.ts'
import type { Dice } from './dice.ts'
import { checkDebts, checkThatWhoIsGoneIsForgotten } from './debt-check.ts'
import { checkDelivery } from './delivery-check.ts'
import { type DocumentLook, documentText, lookAtDocument } from './document-look.ts'
import { type Login, loginOf } from './login.ts'
import { sendToChannel, sendToPeer } from './operations.ts'
import type { SimulatedPage } from './page.ts'
import { CHANNELS, USERS, type World } from './world.ts'

/** After this long without faults everybody has found everybody again. */
const QUIET_MS = 180_000

/** Who has not joined finds the holders of a document, and they settle what differs, in this time. */
const MEETING_MS = 20_000

type Answers<T> = readonly (readonly [SimulatedPage, T | undefined])[]

/** Everything is whole again, and it is quiet for a while: then all is as it should be; and when all log out, nothing is left. */
export class Ending {
  constructor(
    private readonly world: World,
    private readonly dice: Dice,
  ) {}

  async run(): Promise<void> {
    const { world } = this
    world.trace.note('--- all faults are healed')
    const steps: (() => void | Promise<void>)[] = [
      () => world.pass(QUIET_MS),
      () => this.checkStates(),
      () => this.checkMembers(),
      () => checkDelivery(world),
      () => this.checkChannelAttributes(),
      () => this.checkUserAttributes(),
      () => this.checkPresence(),
      () => this.checkCounts(),
      () => this.checkThatAllTalk(),
      () => checkDebts(world),
      () => checkThatWhoIsGoneIsForgotten(world),
      () => world.left.checkEnd(),
    ]
    for (const step of steps) if (world.failure === undefined) await step()
  }

  private get online(): readonly (SimulatedPage & { readonly login: Login })[] {
    return this.world.pages.filter(
      (page): page is SimulatedPage & { login: Login } => loginOf(page) !== undefined,
    )
  }

  private checkStates(): void {
    for (const userId of USERS) {
      const mine = this.world.pages.filter((page) => page.userId === userId)
      const states = mine.map(({ engine }) => engine.state)
      const connected = states.filter((state) => state === 'connected').length
      const isAnyIn = mine.some((page) => loginOf(page)) || states.includes('aborted')
      const isSettled = states.every((state) => ['connected', 'aborted', 'disconnected'].includes(state))
      const wanted = isAnyIn && this.shouldBeIn(userId) ? 1 : 0
      if (!isSettled || connected > 1 || connected < wanted)
        this.world.broken(`The pages of ${userId} are ${states.join(', ')}`)
    }
  }

  /** Who was told to go by a later login of its user, which then went by itself, is out. */
  private shouldBeIn(userId: string): boolean {
    const logins = [...this.world.logins.values()].filter((login) => login.userId === userId && login.upAt)
    const last = logins.sort((a, b) => a.startedAt - b.startedAt).at(-1)
    return last?.isAlive === true
  }

  private checkMembers(): void {
    for (const channelId of CHANNELS) {
      const members = this.online.filter(({ login }) => login.isIn(channelId))
      const right = members.map(({ userId }) => userId).sort()
      for (const page of members) {
        const others = page.session?.channels.room(channelId)?.members.map(({ userId }) => userId) ?? []
        const listed = [...others, page.userId].sort()
        if (listed.join() !== right.join())
          this.world.broken(`${page.name} lists ${listed.join()} in ${channelId}, where ${right.join()} are`)
      }
    }
  }

  /** Members have the same; others find out first who has it, and what they have on their disks goes in. */
  private async checkChannelAttributes(): Promise<void> {
    for (const channelId of CHANNELS) {
      const isMember = (page: SimulatedPage): boolean => loginOf(page)?.isIn(channelId) === true
      this.compare(channelId, await this.readAll(channelId, isMember))
      await this.readAll(channelId, () => true)
      await this.world.pass(MEETING_MS)
      this.compare(channelId, await this.readAll(channelId, () => true))
    }
  }

  private readAll(channelId: ChannelId, isAsked: (page: SimulatedPage) => boolean) {
    return this.ask<ChannelReadOutcome>(
      `read ${channelId}`,
      (page, done) => page.engine.readChannelAttributes(channelId, undefined, done),
      isAsked,
    )
  }

  /** All have one document, and each reads of it what it can verify: neither less nor more. */
  private compare(channelId: ChannelId, answers: Answers<ChannelReadOutcome>): void {
    const looks = answers.map(([page]) => lookAtDocument(page, channelId, this.world.logins))
    const [first] = looks
    for (const [i, [page, answer]] of answers.entries()) {
      const look = looks[i]
      this.world.renewedCount += look?.renewedCount ?? 0
      const [read, right] = [answer, look?.attributes].map((attributes) => JSON.stringify(attributes))
      if (read !== right)
        this.world.broken(`${page.name} reads ${read} in ${channelId}, and could read ${right}`)
      this.checkWrites(channelId, look)
      const [text, other] = [look, first].map(documentText)
      if (text !== other)
        this.world.broken(`${page.name} has ${text} of ${channelId}, and ${answers[0]?.[0].name} ${other}`)
    }
  }

  /** What a member wrote, who has been in the channel ever since, is there, or something later is. */
  private checkWrites(channelId: ChannelId, look: DocumentLook | undefined): void {
    for (const { login, key, at, ...written } of this.world.writes) {
      const { joinedAt = Infinity } = login.channels.get(channelId) ?? {}
      if (written.channelId !== channelId || !login.isAlive || joinedAt > at || login.saidGoodbyeAt > at)
        continue
      if ((look?.clocks.get(key) ?? -Infinity) < at)
        this.world.broken(`${login.name} wrote ${key} in ${channelId} at ${at}, which is not there`)
    }
  }

  private async checkUserAttributes(): Promise<void> {
    for (const { userId, login } of this.online) {
      const answers = await this.ask<UserReadOutcome>(`read of ${userId}`, (page, done) =>
        page.engine.readUserAttributes(userId, undefined, done),
      )
      const right = textOf([...login.attributes].map(([key, value]) => ({ key, value })))
      for (const [page, answer] of answers) {
        const read = typeof answer === 'string' ? answer : textOf(answer)
        if (read !== right) this.world.broken(`${page.name} reads ${read} of ${userId}, who wrote ${right}`)
      }
    }
  }

  /** By asking, and by what was told of those who are subscribed to. */
  private async checkPresence(): Promise<void> {
    const right = USERS.map((userId) => ({ userId, state: this.isOnline(userId) ? 'online' : 'offline' }))
    const answers = await this.ask<PeersOnlineOutcome>('query of all', (page, done) =>
      page.engine.queryPeers(USERS, done),
    )
    for (const [page, answer] of answers)
      if (JSON.stringify(answer) !== JSON.stringify(right))
        this.world.broken(
          `${page.name} finds ${JSON.stringify(answer)}, and right is ${JSON.stringify(right)}`,
        )
    for (const page of this.online) {
      const told = this.world.presence.toldOf(page.login)
      for (const { userId, state } of right)
        if (told.has(userId) && told.get(userId) !== state)
          this.world.broken(`${page.name} was told that ${userId} is ${told.get(userId)}, who is ${state}`)
      const subscribed = page.engine.subscriptions('online-status')
      const listed = typeof subscribed === 'string' ? subscribed : [...subscribed].sort().join()
      if (listed !== [...told.keys()].sort().join())
        this.world.broken(
          `${page.name} is subscribed to ${listed}, and was told of ${[...told.keys()].join()}`,
        )
    }
  }

  private async checkCounts(): Promise<void> {
    const right = CHANNELS.map((channelId) => ({
      channelId,
      count: this.online.filter(({ login }) => login.isIn(channelId)).length,
    }))
    const answers = await this.ask<MemberCountsOutcome>('count of members', (page, done) =>
      page.engine.countMembers(CHANNELS, done),
    )
    for (const [page, answer] of answers)
      if (JSON.stringify(answer) !== JSON.stringify(right))
        this.world.broken(
          `${page.name} counts ${JSON.stringify(answer)} members, and right is ${JSON.stringify(right)}`,
        )
  }

  private isOnline(userId: UserId): boolean {
    return this.online.some((page) => page.userId === userId)
  }

  /** Each to each, and each to its channels: all of it is answered with ok. */
  private async checkThatAllTalk(): Promise<void> {
    const { world, dice } = this
    const first = world.book.all.length
    for (const page of this.online) {
      for (const { userId } of this.online) sendToPeer(world, page, dice, userId)
      for (const channelId of CHANNELS) sendToChannel(world, page, dice, channelId)
    }
    await world.pass(5_000)
    for (const { number, result, from } of world.book.all.slice(first))
      if (result !== 'ok') world.broken(`Message ${number} of ${from.name} is answered ${result} in the end`)
    checkDelivery(world)
  }

  private async ask<T>(
    what: string,
    run: (page: SimulatedPage, done: (answer: T) => void) => void,
    isAsked: (page: SimulatedPage) => boolean = () => true,
  ): Promise<Answers<T>> {
    const answers: [SimulatedPage, T | undefined][] = []
    for (const page of this.online.filter(isAsked)) {
      const answer: { value?: T } = {}
      this.world.calls.make<T>(
        page,
        what,
        (done) => run(page, done),
        (value) => (answer.value = value),
      )
      for (let i = 0; i < 12 && !('value' in answer); i++) await this.world.pass(500)
      answers.push([page, answer.value])
    }
    return answers
  }
}
