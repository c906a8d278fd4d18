import { join } from 'node:path'
import { defineConfig } from 'vite'

import rtmMesh from '../signaling/vite.ts'

const project = join(import.meta.dirname, '..')

export default defineConfig({
  root: import.meta.dirname,
  // Of its own, so that a dev server and a test that runs beside it do not rebuild each other's dependencies.
  cacheDir: join(project, 'node_modules/.vite-demo'),
  plugins: [rtmMesh()],
  resolve: { alias: { 'rtm-mesh': join(project, 'src/index.ts') } },
  // All dependencies, those of files that come later too, are found now: once found, they are prepared anew.
  optimizeDeps: { entries: ['index.html', '../src/index.ts'] },
  server: {
    port: Number(process.env['PORT'] ?? 5173),
    strictPort: true,
    // All interfaces: a phone on the same network can open it.
    host: true,
    fs: { allow: [project] },
  },
})
