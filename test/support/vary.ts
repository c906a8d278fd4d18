/** A copy with one or more places changed, cut off, repeated or filled with noise: what a hostile sender makes of good input. */
export function vary(bytes: Uint8Array, random: () => number): Uint8Array<ArrayBuffer> {
  const below = (limit: number): number => Math.floor(random() * limit)
  switch (below(5)) {
    case 0:
      return noise(below(200), random)
    case 1:
      return joined(bytes.subarray(0, below(bytes.byteLength + 1)))
    case 2: {
      const at = below(bytes.byteLength + 1)
      return joined(bytes.subarray(0, at), noise(below(12), random), bytes.subarray(at))
    }
    case 3: {
      const [from, to] = [below(bytes.byteLength + 1), below(bytes.byteLength + 1)]
      return joined(bytes, bytes.subarray(Math.min(from, to), Math.max(from, to)))
    }
    default: {
      const copy = bytes.slice() as Uint8Array<ArrayBuffer>
      for (let i = below(4); i >= 0 && copy.byteLength > 0; i--) copy[below(copy.byteLength)] = below(256)
      return copy
    }
  }
}

/** The same for text. */
export function varyText(text: string, random: () => number): string {
  const varied = vary(new TextEncoder().encode(text), random)
  return new TextDecoder().decode(varied)
}

function noise(length: number, random: () => number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(length).map(() => Math.floor(random() * 256))
}

function joined(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.byteLength
  }
  return whole
}
