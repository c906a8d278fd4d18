/** Pictures from others are recognised by their bytes, never by what they claim; pictures of one's own are made to fit. */

export interface PictureKind {
  readonly type: 'image/png' | 'image/jpeg' | 'image/gif' | 'image/webp'
  readonly width: number
  readonly height: number
}

/** 32 KB can describe a picture that takes gigabytes to show; this many points are 96 MB. */
const MOST_POINTS = 24_000_000

/** The kind and size of a PNG, JPEG, GIF or WebP picture that is safe to decode, from its first bytes. */
export function recognise(bytes: Uint8Array): PictureKind | undefined {
  const kind = png(bytes) ?? gif(bytes) ?? webp(bytes) ?? jpeg(bytes)
  if (!kind || kind.width < 1 || kind.height < 1 || kind.width * kind.height > MOST_POINTS) return undefined
  return kind
}

const has = (bytes: Uint8Array, at: number, text: string): boolean =>
  [...text].every((character, index) => bytes[at + index] === character.charCodeAt(0))
const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

function png(bytes: Uint8Array): PictureKind | undefined {
  if (bytes.length < 24 || !has(bytes, 0, '\x89PNG\r\n\x1a\n') || !has(bytes, 12, 'IHDR')) return undefined
  const view = viewOf(bytes)
  return { type: 'image/png', width: view.getUint32(16), height: view.getUint32(20) }
}

function gif(bytes: Uint8Array): PictureKind | undefined {
  if (bytes.length < 10 || !(has(bytes, 0, 'GIF87a') || has(bytes, 0, 'GIF89a'))) return undefined
  const view = viewOf(bytes)
  return { type: 'image/gif', width: view.getUint16(6, true), height: view.getUint16(8, true) }
}

function webp(bytes: Uint8Array): PictureKind | undefined {
  if (bytes.length < 30 || !has(bytes, 0, 'RIFF') || !has(bytes, 8, 'WEBP')) return undefined
  const view = viewOf(bytes)
  const type = 'image/webp'
  if (has(bytes, 12, 'VP8 ')) {
    return { type, width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff }
  }
  if (has(bytes, 12, 'VP8L')) {
    const bits = view.getUint32(21, true)
    return { type, width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 }
  }
  if (!has(bytes, 12, 'VP8X')) return undefined
  const size = (at: number): number => (view.getUint32(at, true) & 0xffffff) + 1
  return { type, width: size(24), height: (view.getUint16(27, true) | ((bytes[29] ?? 0) << 16)) + 1 }
}

/** The size stands in the "start of frame" segment, after any number of others. */
function jpeg(bytes: Uint8Array): PictureKind | undefined {
  if (!has(bytes, 0, '\xff\xd8\xff')) return undefined
  const view = viewOf(bytes)
  for (let at = 2; at + 9 <= bytes.length && bytes[at] === 0xff; at += 2 + view.getUint16(at + 2)) {
    const marker = bytes[at + 1] ?? 0
    const isStartOfFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)
    if (isStartOfFrame)
      return { type: 'image/jpeg', width: view.getUint16(at + 7), height: view.getUint16(at + 5) }
  }
  return undefined
}

/** Tried in this order: a smaller picture rather than a blurred one, once the quality is low. */
const longestSides = [1600, 1280, 1024, 800, 640, 512, 400, 320, 240, 160, 96]
const qualities = [0.8, 0.65, 0.5]

/** The picture as large as it fits, as WebP (JPEG where the browser writes no WebP); `undefined` when it cannot be read. */
export async function encodeToFit(
  file: Blob,
  roomFor: (type: string) => number,
): Promise<
  | { type: string; bytes: Uint8Array<ArrayBuffer>; width: number; height: number; isScaled: boolean }
  | undefined
> {
  const picture = await createImageBitmap(file).catch(() => undefined)
  if (!picture) return undefined
  try {
    const longest = Math.max(picture.width, picture.height)
    for (const side of longestSides.filter(
      (side, index) => side <= longest || index === longestSides.length - 1,
    )) {
      const scale = Math.min(1, side / longest)
      const canvas = document.createElement('canvas')
      canvas.width = Math.max(1, Math.round(picture.width * scale))
      canvas.height = Math.max(1, Math.round(picture.height * scale))
      const pen = canvas.getContext('2d')
      if (!pen) return undefined
      pen.imageSmoothingQuality = 'high'
      pen.drawImage(picture, 0, 0, canvas.width, canvas.height)
      for (const quality of qualities) {
        const blob = await encode(canvas, quality)
        if (!blob || blob.size > roomFor(blob.type)) continue
        const bytes = new Uint8Array(await blob.arrayBuffer())
        return { type: blob.type, bytes, width: canvas.width, height: canvas.height, isScaled: scale < 1 }
      }
    }
    return undefined
  } finally {
    picture.close()
  }
}

async function encode(canvas: HTMLCanvasElement, quality: number): Promise<Blob | undefined> {
  const write = (type: string): Promise<Blob | null> =>
    new Promise((done) => canvas.toBlob(done, type, quality))
  const webp = await write('image/webp')
  if (webp?.type === 'image/webp') return webp // a browser that cannot writes a PNG instead
  const pen = canvas.getContext('2d')
  if (pen) {
    // JPEG knows no transparency: what shines through becomes white instead of black.
    pen.globalCompositeOperation = 'destination-over'
    pen.fillStyle = '#fff'
    pen.fillRect(0, 0, canvas.width, canvas.height)
  }
  return (await write('image/jpeg')) ?? undefined
}
