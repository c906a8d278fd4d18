import { build } from 'vite'

/**
 * TypeScript that plain Node can run, with all that it imports, as one file.
 *
 * @param {string} source
 * @param {string} folder
 * @param {string} name of the file
 */
export async function bundleForNode(source, folder, name) {
  await build({
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    build: {
      ssr: source,
      outDir: folder,
      emptyOutDir: false,
      target: 'node20.19',
      minify: false,
      sourcemap: true,
      // The package has no side effects; its tests do.
      rolldownOptions: { output: { entryFileNames: name }, treeshake: false },
    },
    ssr: { noExternal: true },
  })
}
