/** What tests ask of a user of either face. Each call answers 0, or the code of its failure. */
export interface Person {
  /** Everything that happened, in order, in the words of `TestUser`. */
  readonly events: string[]
  /** Call invitations; events tell of them from its first use on. */
  readonly calls: Caller
  login(userId: string): Promise<number>
  join(channelId: string): Promise<number>
  members(channelId: string): Promise<string[]>
  say(channelId: string, text: string): Promise<number>
  tell(peerId: string, text: string): Promise<number>
  tellRaw(peerId: string, bytes: Uint8Array, description: string): Promise<number>
  put(channelId: string, attributes: Record<string, string>, notify?: boolean): Promise<number>
  attributes(channelId: string): Promise<string>
  /** Replaces the attributes of this user. */
  describe(attributes: Record<string, string>): Promise<number>
  /** Those of a user. */
  description(userId: string): Promise<Record<string, string>>
  until(pattern: string, count?: number): Promise<string[]>
  untilLinked(userIds: string[]): Promise<void>
}

/** Invitations are told apart by their content. */
export interface Caller {
  invite(calleeId: string, content: string): Promise<number>
  cancel(content: string): Promise<number>
  accept(content: string, response: string): Promise<number>
  refuse(content: string, response: string): Promise<number>
}
