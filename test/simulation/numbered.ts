import type { Content } from '../../src/protocol/items.ts'

/** A message that carries its number, and is of this size. */
export function contentOf(number: number, bytes: number, isRaw: boolean): Content {
  const text = `${number} `.padEnd(bytes, 'x')
  return isRaw
    ? { type: 'raw', raw: new TextEncoder().encode(text), description: '' }
    : { type: 'text', text }
}

export function numberOf(content: Content): number {
  return parseInt(content.type === 'text' ? content.text : new TextDecoder().decode(content.raw), 10)
}
