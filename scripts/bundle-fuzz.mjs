import { build } from 'vite'

/** What `npm run fuzz` runs, as one file in `folder`: TypeScript that plain Node can run. @param {string} folder */
export async function bundleFuzz(folder) {
  await build({
    configFile: false,
    logLevel: 'warn',
    publicDir: false,
    build: {
      ssr: 'test/simulation/command.ts',
      outDir: folder,
      emptyOutDir: false,
      target: 'node20.19',
      minify: false,
      sourcemap: true,
      // The package has no side effects; its tests do.
      rolldownOptions: { output: { entryFileNames: 'fuzz.mjs' }, treeshake: false },
    },
    ssr: { noExternal: true },
  })
}
