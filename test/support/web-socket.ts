import { WebSocket } from 'ws'

/** Sockets as a browser has them, kept so that a test can break and await them. */
export const sockets = new Set<TestWebSocket>()

/** What a test puts in place of the browser's WebSocket. */
export class TestWebSocket extends WebSocket {
  /** Its login is answered, or it is closed: keys are at work until then, in threads that no clock moves. */
  readonly answered: Promise<void>

  constructor(url: string) {
    super(url)
    // Browsers report failures by `close` alone.
    this.on('error', () => undefined)
    sockets.add(this)
    this.on('close', () => sockets.delete(this))
    this.answered = new Promise((resolve) => {
      this.on('close', () => resolve())
      this.on('message', (data: Buffer) => {
        if (/"type":"(loggedIn|refused)"/.test(data.toString())) resolve()
      })
    })
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
