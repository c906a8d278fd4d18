import { join } from 'node:path'

import { buildSync } from 'esbuild'

const project = join(import.meta.dirname, '../..')

/**
 * The library's own codecs, as plain Node can run them: what a login signs is written down in one place.
 *
 * @returns {Promise<typeof import('../../src/protocol/credential.ts')>}
 */
export function loadCredentialCodec() {
  return (loaded ??= load())
}

/** @type {ReturnType<typeof load> | undefined} */
let loaded

async function load() {
  const { outputFiles } = buildSync({
    entryPoints: [join(project, 'src/protocol/credential.ts')],
    bundle: true,
    write: false,
    format: 'esm',
    target: 'node20',
  })
  const [file] = outputFiles
  if (!file) throw new Error('The codec was not built')
  return /** @type {Promise<typeof import('../../src/protocol/credential.ts')>} */ (
    import(`data:text/javascript;base64,${Buffer.from(file.contents).toString('base64')}`)
  )
}
