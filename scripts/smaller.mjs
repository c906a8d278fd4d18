import { minify } from 'terser'

import { COMPILE_HINT } from './compile-hint.mjs'

/** @import { Plugin, Rolldown } from 'vite' */

/**
 * Minifies once more what the bundler has minified: terser takes 2 % more off. Source maps lead from there to the
 * sources.
 *
 * @param {(chunk: Rolldown.OutputChunk) => boolean} isCompiledEarly which chunks begin with the compile hint
 * @returns {Plugin}
 */
export function smaller(isCompiledEarly) {
  return {
    name: 'smaller',
    enforce: 'post',
    generateBundle: {
      order: 'post',
      async handler(options, bundle) {
        for (const file of Object.values(bundle)) {
          if (file.type !== 'chunk') continue
          const mapFile = bundle[`${file.fileName}.map`]
          const map = /** @type {Rolldown.SourceMap | undefined} */ (
            file.map ?? (mapFile?.type === 'asset' ? JSON.parse(String(mapFile.source)) : undefined)
          )
          const [comment = ''] = /\n\/\/# sourceMappingURL=.*\n?$/.exec(file.code) ?? []
          const made = await minify(file.code, {
            module: options.format === 'es',
            // A chunk of this form becomes the body of a function.
            toplevel: options.format === 'cjs',
            compress: { passes: 3 },
            // What tells bundlers to leave an import alone (src/base/lazy-file.ts).
            format: {
              comments: /webpackIgnore|@vite-ignore/,
              ...(options.format === 'es' && isCompiledEarly(file) && { preamble: COMPILE_HINT }),
            },
            ...(map && { sourceMap: { content: JSON.stringify(map), asObject: true } }),
          })
          if (made.code === undefined) throw new Error(`${file.fileName} could not be minified.`)
          file.code = made.code + comment
          if (!map || typeof made.map !== 'object') continue
          if (mapFile?.type === 'asset') mapFile.source = JSON.stringify({ ...made.map, file: file.fileName })
          else file.map = Object.assign(map, made.map)
        }
      },
    },
  }
}
