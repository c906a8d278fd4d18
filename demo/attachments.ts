/**
 * Files as raw messages. A raw message carries the bytes; its description says what they are:
 *
 *     <MIME type> <file name>          image/png two cats.png
 *
 * Bytes and description together may have 32 KB. Another program may write any description: then all of it is the name.
 */
import { encodeToFit } from './pictures.ts'

/** The most that one RTM message holds, data and description together. */
export const MESSAGE_BYTES = 32 * 1024

export interface Attachment {
  readonly name: string
  readonly type: string
  readonly bytes: Uint8Array<ArrayBuffer>
  /** What was done to make it fit, in words. */
  readonly remark?: string
}

export type Prepared = { readonly attachment: Attachment } | { readonly refused: string }

const utf8 = new TextEncoder()
export const byteLength = (text: string): number => utf8.encode(text).length

export const describe = (type: string, name: string): string =>
  `${type || 'application/octet-stream'} ${name}`

export function understand(description: string): { name: string; type: string } {
  const match = /^([a-z]+\/[a-z0-9.+-]+) (.+)$/i.exec(description)
  return match?.[1] && match[2]
    ? { type: match[1].toLowerCase(), name: safeName(match[2]) }
    : { type: '', name: safeName(description) }
}

/** A name that can be shown and saved: no folders, no control or direction characters, not hidden, not endless. */
export function safeName(name: string): string {
  const base = name.split(/[\\/]/).at(-1) ?? ''
  const clean = base.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}<>:"|?*]/gu, '').replace(/^[.\s]+|[.\s]+$/g, '')
  if (clean.length <= 80) return clean || 'file'
  const ending = /\.[A-Za-z0-9]{1,8}$/.exec(clean)?.[0] ?? ''
  return `${clean.slice(0, 80 - ending.length)}${ending}`
}

export const bytesInWords = (bytes: number): string =>
  bytes < 1024
    ? `${bytes} bytes`
    : bytes < 1024 * 1024
      ? `${(bytes / 1024).toFixed(1)} KB`
      : `${(bytes / 1024 / 1024).toFixed(1)} MB`

/** A file that fits as it is, a picture made to fit, or the reason why not. */
export async function prepare(file: File): Promise<Prepared> {
  const name = safeName(file.name)
  const room = MESSAGE_BYTES - byteLength(describe(file.type, name))
  if (file.size === 0) return { refused: `“${name}” is empty.` }
  if (file.size <= room) {
    const bytes = new Uint8Array(await file.arrayBuffer())
    return { attachment: { name, type: file.type, bytes } }
  }
  const tooLarge = `“${name}” has ${bytesInWords(file.size)}; a message holds at most 32 KB.`
  if (!file.type.startsWith('image/')) return { refused: tooLarge }

  const smaller = await encodeToFit(file, (type) => MESSAGE_BYTES - byteLength(describe(type, name)) - 5)
  if (!smaller) return { refused: `${tooLarge} This browser could not make the picture smaller.` }
  const newName = name.replace(/\.[A-Za-z0-9]+$/, '') + (smaller.type === 'image/webp' ? '.webp' : '.jpg')
  const size = smaller.isScaled ? `made smaller, ${smaller.width} × ${smaller.height}` : 'compressed'
  const remark = file.type === 'image/gif' ? `${size}, a still picture` : size
  return { attachment: { name: newName, type: smaller.type, bytes: smaller.bytes, remark } }
}
