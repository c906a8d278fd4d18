import { Server as HttpServer } from 'node:http'
import type { Server } from 'node:net'

/** Rejects with a sentence that says what to do. */
export function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    // Stays: a server without a listener for later errors would end the process.
    server.on('error', (error: NodeJS.ErrnoException) => reject(new Error(whyNot(error, host, port))))
    server.listen(port, host, () => resolve())
  })
}

export function stopListening(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    // Monitors that keep their connection open must not keep the port.
    if (server instanceof HttpServer) server.closeAllConnections()
  })
}

/** 0 while it does not listen. */
export function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

/** All addresses of a machine are no address to connect to; IPv6 needs brackets in a URL. */
export function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}

function whyNot(error: NodeJS.ErrnoException, host: string, port: number): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `Port ${port} on ${host} is taken: stop the other program or choose another port`
    case 'EACCES':
      return `Port ${port} on ${host} needs more rights: choose one above 1023`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is not an address of this machine: choose 127.0.0.1, or 0.0.0.0 for all of them`
    default:
      return `Listening on ${host}, port ${port} failed: ${error.message}`
  }
}
