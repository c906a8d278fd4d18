import { once } from 'node:events'
import { createServer, type IncomingMessage, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'

import { describe, expect, it } from 'vitest'

import { createSignalingServer } from '../../signaling/signaling-server.ts'

describe('an http server shared with the signaling server', () => {
  it('has upgrades of other paths refused while nobody else listens for them, and left alone afterwards', async () => {
    const http = createServer().listen(0, '127.0.0.1')
    await once(http, 'listening')
    const { port } = http.address() as AddressInfo
    const signaling = await createSignalingServer({ server: http, secret: 'the secret of the tests' })
    const upgrade = async (): Promise<string> => {
      const headers = { Connection: 'Upgrade', Upgrade: 'websocket' }
      const sent = request({ host: '127.0.0.1', port, path: '/other', headers }).end()
      const [response] = (await once(sent, 'response')) as [IncomingMessage]
      return `${response.statusCode} ${await text(response)}`
    }

    expect(await upgrade()).toMatch(/^404 .*not at this path\.$/)
    http.on('upgrade', (incoming, socket) => {
      if (incoming.url === '/other') socket.end('HTTP/1.1 418 Teapot\r\nConnection: close\r\n\r\nmine')
    })
    expect(await upgrade()).toBe('418 mine')

    await signaling.close()
    http.close()
  })
})
