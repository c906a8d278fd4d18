import { createHash } from 'node:crypto'

/**
 * What a page writes to have the library from a CDN that serves packages, and no other text than this one.
 *
 * @param {{ name: string, version: string }} manifest
 * @param {Buffer} file the text of dist/agora-rtm.full.js
 * @param {{ cdn?: string, signaling?: string }} [addresses] where packages are, and where the signaling server is
 */
export function scriptTagLine(
  { name, version },
  file,
  { cdn = 'https://cdn.jsdelivr.net/npm/', signaling = 'wss://example.org/rtm' } = {},
) {
  // Of SHA-2 the kind that browsers and pages use for this.
  const hash = createHash('sha384').update(file).digest('base64')
  const src = `${cdn}${name}@${version}/dist/agora-rtm.full.js`
  return `<script src="${src}" integrity="sha384-${hash}" crossorigin data-signaling="${signaling}"></script>`
}
