import type { Cancel } from '../base/clock.ts'
import type { ServerSocket } from './server-socket.ts'

/**
 *     waiting <--> connecting --> up --> waiting
 *        paused and closed: from any of them, when the session says so
 */
export type Connection =
  | { readonly at: 'waiting'; readonly until: number; readonly cancel: Cancel }
  | {
      readonly at: 'connecting'
      readonly since: number
      readonly socket: ServerSocket
      readonly cancel: Cancel
    }
  | { readonly at: 'up'; readonly socket: ServerSocket; readonly cancelRenewal: Cancel }
  | { readonly at: 'paused' }
  | { readonly at: 'closed' }
