import { type Face, logInBy } from './faces.ts'
import { expect, type Tab } from './world.ts'

type Verb = 'accept' | 'refuse'

/** Users of any faces, each on a page of its own in any browser, and what all of them can do with each other. */
export class Company<Name extends string, Kind extends Tab = Tab> {
  constructor(
    readonly tabs: Readonly<Record<Name, Kind>>,
    private readonly faces: Readonly<Record<Name, Face>>,
  ) {}

  get names(): Name[] {
    return Object.keys(this.tabs).sort() as Name[]
  }

  /** Everybody with everybody else, both ways. */
  get pairs(): [from: Name, to: Name][] {
    return this.names.flatMap((from) => this.othersThan(from).map((to): [Name, Name] => [from, to]))
  }

  othersThan(name: Name): Name[] {
    return this.names.filter((other) => other !== name)
  }

  async logIn(signalingUrl: string): Promise<void> {
    for (const name of this.names) {
      await logInBy(this.faces[name], this.tabs[name], name, signalingUrl)
      await this.tabs[name].evaluate(() => void window.person.calls)
    }
  }

  /** Until all are in #room and linked to each other. */
  async joinRoom(): Promise<void> {
    for (const name of this.names)
      expect(await this.tabs[name].evaluate(() => window.person.join('room'))).toBe(0)
    for (const name of this.names)
      await this.tabs[name].evaluate((others) => window.person.untilLinked(others), this.othersThan(name))
  }

  /** Until `count` events of this user match. */
  until(name: Name, pattern: string, count = 1): Promise<string[]> {
    return this.tabs[name].evaluate(([wanted, often]) => window.person.until(wanted, often), [
      pattern,
      count,
    ] as const)
  }

  async expectMembers(): Promise<void> {
    for (const name of this.names)
      expect(await this.tabs[name].evaluate(() => window.person.members('room'))).toEqual(this.names)
  }

  /** What each says in the channel, and to each other one, comes to all whom it is for, once. */
  async expectTalk(): Promise<void> {
    for (const name of this.names)
      expect(await this.tabs[name].evaluate((me) => window.person.say('room', `all, ${me}`), name)).toBe(0)
    for (const [from, to] of this.pairs)
      expect(await this.tabs[from].evaluate((peer) => window.person.tell(peer, `you, ${peer}`), to)).toBe(0)
    for (const [from, to] of this.pairs) {
      const heard = await this.until(to, `^(#room )?${from}: `, 2)
      expect(heard.sort()).toEqual([`#room ${from}: all, ${from}`, `${from}: you, ${to}`])
    }
  }

  /** What each says of itself, everybody reads. */
  async expectUserAttributes(): Promise<void> {
    for (const name of this.names)
      expect(await this.tabs[name].evaluate((hat) => window.person.describe({ hat }), `of ${name}`)).toBe(0)
    for (const [of, by] of this.pairs) {
      const read = await this.tabs[by].evaluate((id) => window.person.description(id), of)
      expect(read, `${of}, as ${by} reads it`).toEqual({ hat: `of ${of}` })
    }
  }

  /** What each writes into the channel's, at the same time as all others and to the same key too, all are told and read. */
  async expectChannelAttributes(): Promise<void> {
    const codes = await Promise.all(
      this.names.map((name) =>
        this.tabs[name].evaluate((me) => window.person.put('room', { [me]: 'here', same: me }, true), name),
      ),
    )
    expect(new Set(codes)).toEqual(new Set([0]))
    const own = this.names.map((name) => `${name}=here \\(${name}\\)`)
    const all = [...own, 'same=(\\w+) \\(\\1\\)'].sort().join(' ')
    for (const name of this.names) await this.until(name, `^#room has ${all}$`)
    const shown = await Promise.all(
      this.names.map((name) => this.tabs[name].evaluate(() => window.person.attributes('room'))),
    )
    expect(new Set(shown).size).toBe(1)
    expect(shown[0]).toMatch(new RegExp(`^${all}$`))
  }

  /** One calls another, who accepts or refuses, and both know what came of it. */
  async expectCall(caller: Name, callee: Name, verb: Verb): Promise<void> {
    const [calling, called] = [this.tabs[caller], this.tabs[callee]]
    const title = `${callee} is to ${verb}`
    const sent = await calling.evaluate(([to, words]) => window.person.calls.invite(to, words), [
      callee,
      title,
    ] as const)
    expect(sent, title).toBe(0)
    await this.until(callee, `^${caller} calls: ${title}, room 7$`)
    await this.until(caller, `^${title}: received by peer$`)
    const answered = await called.evaluate(([how, words]) => window.person.calls[how](words, 'as you see'), [
      verb,
      title,
    ] as const)
    expect(answered, title).toBe(0)
    const verbed = verb === 'accept' ? 'accepted' : 'refused'
    await this.until(caller, `^${title}: ${verbed}, as you see$`)
    await this.until(callee, `^${verbed} ${caller}: ${title}$`)
  }
}
