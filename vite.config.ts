import { defineConfig } from 'vitest/config'

import { browserEntries, commands, nodeEntries } from './scripts/entries.mjs'

const output = { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' }

/**
 * What several files of the library are made of. It is loaded before anything runs, so that a file which is loaded on
 * demand imports nothing that is not there: where it did not come it can be asked for again under another URL, and
 * browsers remember only of that file that it did not come.
 */
const shared = new RegExp(
  [
    String.raw`/src/base/(?!crypto-portable|token-bucket)`,
    // What only one file on demand says is in that file.
    String.raw`/src/protocol/(?!attribute-record|document-messages|invitation-messages|neighbour-|relay-)`,
    String.raw`/src/rtm/(limits|content|attribute-change|page-servers)\.`,
    // What both faces begin with, so that it need not be a file of its own.
    String.raw`/src/rtm/(attribute-operations|browser-surroundings|callbacks|engine|failure-log|ice-options)\.`,
    String.raw`/src/rtm/(invitations/invitations|lists|logbook|page-events|session|signaling-servers)\.`,
    String.raw`/(src/version\.ts|package\.json)$`,
    String.raw`/src/mesh/(link|link-failures|pairs|credit-link|credit-channel)\.`,
    String.raw`/src/rendezvous/rendezvous\.`,
    String.raw`/lib0/(math|binary|number|set|array|string|encoding|error|decoding)\.`,
    '/valibot/',
    '/idb-keyval/',
    'simplepeer',
    'rolldown.runtime',
  ].join('|'),
)

const forBrowsers = {
  target: 'es2022',
  lib: { entry: browserEntries, formats: ['es' as const] },
  // Vite does not minify the whitespace of libraries; these files are also what pages load directly.
  rolldownOptions: {
    // That most of a build is spent minifying is known (scripts/smaller.mjs).
    checks: { bundlerTimings: false },
    output: {
      ...output,
      minify: true,
      codeSplitting: { groups: [{ name: 'shared', test: shared }] },
    },
  },
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
  ssr: {
    noExternal: true,
    external: ['ws', 'vite', 'pino', 'prom-client', 'rate-limiter-flexible', 'redis'],
  },
  // Vite leaves this to the user of a library, and a bare page has no `process`. simple-peer looks for `require`.
  define: mode === 'browser' ? { 'process.env.NODE_ENV': '"production"', require: 'undefined' } : {},
  test: {
    include: ['test/**/*.test.ts'],
    // Against tests that hang. The clock of nearly all is moved; how long they take says how busy the machine is.
    testTimeout: 60_000,
  },
}))
