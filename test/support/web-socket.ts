import { WebSocket } from 'ws'

/** Sockets as a browser has them, kept so that a test can break and await them. */
export const sockets = new Set<TestWebSocket>()

/** What a test puts in place of the browser's WebSocket. */
export class TestWebSocket extends WebSocket {
  constructor(url: string) {
    super(url)
    // Browsers report failures by `close` alone.
    this.on('error', () => undefined)
    sockets.add(this)
    this.on('close', () => sockets.delete(this))
  }

  /** Both directions are empty, or it is closed. */
  async settled(): Promise<void> {
    if (this.readyState !== WebSocket.OPEN) return
    await new Promise<void>((resolve) => {
      const done = (): void => {
        this.off('pong', done).off('close', done)
        resolve()
      }
      this.on('pong', done).on('close', done)
      this.ping()
    })
  }
}

/** From now on pages of this process open these sockets. Gives back what was there before. */
export function installWebSocket(): () => void {
  const before = globalThis.WebSocket
  globalThis.WebSocket = TestWebSocket as unknown as typeof globalThis.WebSocket
  return () => {
    globalThis.WebSocket = before
  }
}
