import type { UserId } from '../../src/base/ids.ts'
import type { UserReadOutcome } from '../../src/rtm/outcomes.ts'
import type { Login } from './login.ts'

interface Version {
  /** Since when it is what the user has. */
  readonly at: number
  readonly text: string
}

/** What users wrote of themselves, when; and that whoever reads it reads what was so while the call lasted. */
export class AttributeWatch {
  private readonly versions = new Map<Login, Version[]>()

  constructor(
    private readonly now: () => number,
    private readonly logins: ReadonlyMap<unknown, Login>,
    private readonly broken: (sentence: string) => void,
  ) {}

  wrote(login: Login, attributes: ReadonlyMap<string, string>): void {
    const text = textOf([...attributes].map(([key, value]) => ({ key, value })))
    const versions = this.versions.get(login) ?? []
    this.versions.set(login, [...versions, { at: this.now(), text }])
  }

  /** The answer was made by one of the user's sessions after the call began, and says what that session had then. */
  read(reader: string, userId: UserId, since: number, answer: UserReadOutcome): void {
    if (typeof answer === 'string') return
    const text = textOf(answer)
    const right = [...this.logins.values()].flatMap((login) =>
      login.userId === userId ? this.textsSince(login, since) : [],
    )
    if (!right.includes(text))
      this.broken(`${reader} reads ${text} of ${userId}, who had ${right.join(', or ')} while it was read`)
  }

  private textsSince(login: Login, since: number): readonly string[] {
    if ((login.end?.at ?? Infinity) < since) return []
    const all: readonly Version[] = [
      { at: login.startedAt, text: textOf([]) },
      ...(this.versions.get(login) ?? []),
    ]
    return all.filter((_, i) => (all[i + 1]?.at ?? Infinity) >= since).map(({ text }) => text)
  }
}

export function textOf(attributes: readonly { key: string; value: string }[] | undefined): string {
  const texts = attributes?.map(({ key, value }) => `${key}=${value}`).sort()
  return texts?.join(' ') ?? 'nothing'
}
