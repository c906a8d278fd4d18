/**
 * What a page imports: name in dist/ → source. All of them share their chunks, and everything they need is
 * inside, so that the files run from any web server as they are.
 */
export const browserEntries = { 'rtm-mesh': 'src/index.ts', web: 'src/web.ts' }

/** What Node imports. The package's dependencies, and for the plugin Vite, are found in the node_modules of whoever installs the package. */
export const nodeEntries = { signaling: 'signaling/index.ts', vite: 'signaling/vite.ts' }

/** What Node runs; nobody imports it, so it has no declarations. */
export const commands = { cli: 'signaling/cli.ts' }
