import { join } from 'node:path'

import { ensureDependencies, ensureNode, giveUp, project } from './tools.mjs'

// npm start: the demo with its signaling server, in one process and on one port, on a fresh clone too.

ensureNode()
ensureDependencies()

// Only now, because Vite may have been installed by this very run.
const { createServer } = await import('vite')

const server = await createServer({ configFile: join(project, 'demo/vite.config.ts') })
try {
  await server.listen()
} catch (error) {
  const { port } = server.config.server
  await server.close()
  const reason = error instanceof Error ? error.message : String(error)
  giveUp(
    /already in use/.test(reason)
      ? `Port ${port} is taken, perhaps by another npm start: end that one, or choose a port with PORT=${port + 1} npm start.`
      : `The demo could not start on port ${port}: ${reason}`,
  )
}

const { local = [], network = [] } = server.resolvedUrls ?? {}
for (const url of local) console.log(`  rtm-mesh demo      ${url}`)
for (const url of network) console.log(`  from other devices ${url}`)
