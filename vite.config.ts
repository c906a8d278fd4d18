import { defineConfig } from 'vitest/config'

import { browserEntries, commands, nodeEntries } from './scripts/entries.mjs'

const output = { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' }

const forBrowsers = {
  target: 'es2022',
  lib: { entry: browserEntries, formats: ['es' as const] },
  // Vite does not minify the whitespace of libraries; these files are also what pages load directly.
  rolldownOptions: { output: { ...output, minify: true } },
}

const forNode = {
  target: 'node20.19',
  ssr: true,
  minify: false,
  rolldownOptions: { input: { ...nodeEntries, ...commands }, output },
}

/** `npm run build` (scripts/build.mjs) builds both modes, `browser` and `node`, into the same folder. */
export default defineConfig(({ mode }) => ({
  publicDir: false,
  build: {
    outDir: 'dist',
    emptyOutDir: false,
    sourcemap: true,
    reportCompressedSize: false,
    ...(mode === 'node' ? forNode : forBrowsers),
  },
  // What Node finds by itself; everything else is inside the files.
  ssr: { noExternal: true, external: ['ws', 'vite'] },
  // Vite leaves this to the user of a library, and a bare page has no `process`.
  define: mode === 'browser' ? { 'process.env.NODE_ENV': '"production"' } : {},
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
  },
}))
