/** Reads the packing of Agora tokens: little-endian numbers, and texts after their length in 16 bits. */
export class TokenReader {
  private at = 0

  constructor(private readonly content: Buffer) {}

  get isAtEnd(): boolean {
    return this.at === this.content.byteLength
  }

  u16(): number {
    return this.take(2).readUInt16LE()
  }

  u32(): number {
    return this.take(4).readUInt32LE()
  }

  /** Bytes after their length: also how texts are packed, in UTF-8. */
  bytes(): Buffer {
    return this.take(this.u16())
  }

  /** Of a key that comes twice the last value counts. */
  map(): ReadonlyMap<number, number> {
    const entries = new Map<number, number>()
    for (let left = this.u16(); left > 0; left--) entries.set(this.u16(), this.u32())
    return entries
  }

  /** Everything that has not been read. */
  rest(): Buffer {
    return this.take(this.content.byteLength - this.at)
  }

  /** A view, not a copy. */
  private take(count: number): Buffer {
    const end = this.at + count
    if (end > this.content.byteLength) throw new TornTokenError()
    const bytes = this.content.subarray(this.at, end)
    this.at = end
    return bytes
  }
}

class TornTokenError extends Error {
  override readonly name = 'TornTokenError'
}

/** What `read` makes of the content, or undefined if that ends too early. Throws for nothing else that comes over the wire. */
export function readToken<T>(content: Buffer, read: (reader: TokenReader) => T | undefined): T | undefined {
  try {
    return read(new TokenReader(content))
  } catch (error) {
    if (error instanceof TornTokenError) return undefined
    throw error
  }
}

/** Standard base64 as encoders write it: padded, without spaces, unused bits zero. */
export function fromStrictBase64(text: string): Buffer | undefined {
  // Buffer itself takes and skips nearly anything.
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : undefined
}
