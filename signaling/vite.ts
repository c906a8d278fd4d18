import type { Server } from 'node:net'

import type { Plugin, PreviewServer, ViteDevServer } from 'vite'

import type { SignalingServerOptions } from './options.ts'
import { createSignalingServer, type SignalingServer } from './signaling-server.ts'

export type RtmMeshPluginOptions = Omit<SignalingServerOptions, 'server' | 'host' | 'port'>

const NO_SERVER =
  'rtm-mesh: Vite has no http server of its own in middleware mode, so that the signaling server does not run; ' +
  'call createSignalingServer({ server }) from rtm-mesh/signaling with yours'

/**
 * Runs the signaling server inside Vite's dev and preview servers, at `/rtm` of the same port,
 * which is where a page looks for it when it is told nothing else.
 */
export default function rtmMesh(options: RtmMeshPluginOptions = {}): Plugin {
  let signaling: SignalingServer | undefined

  async function attach({ config, httpServer }: ViteDevServer | PreviewServer): Promise<void> {
    // Test runners use Vite in this way with the same configuration: a reason for a word, not for an end.
    if (!httpServer) return config.logger.warn(NO_SERVER)
    // For an http or http2 server Vite's type says less than it is.
    signaling = await createSignalingServer({ ...options, server: httpServer as Server })
  }

  return {
    name: 'rtm-mesh',
    configureServer: attach,
    configurePreviewServer: attach,
    // A restart has attached to its next http server by now; the end of the last one did the rest.
    closeServer: ({ reason }) => (reason === 'close' ? signaling?.close() : undefined),
    closePreviewServer: () => signaling?.close(),
  }
}
