import type { AppId } from '../base/ids.ts'
import type { Diagnosis } from '../rtm/diagnosis.ts'
import type { MethodContext } from './calls.ts'
import { consoleFilterOf, type RtmConfig } from './config.ts'
import { checkConfig } from './defaults.ts'
import { PresenceMethods } from './presence-methods.ts'
import { connectionStates } from './states.ts'
import { ConnectionState } from './status-codes.ts'

export type { PeerDiagnosis as RtmPeerDiagnosis } from '../rtm/diagnosis.ts'

/** How a client stands with its servers and peers, for people who ask why something does not work. */
export interface RtmDiagnosis extends Omit<Diagnosis, 'appId' | 'userId' | 'sessionId'> {
  /** As the client was made with. */
  readonly appId: string
  /** Null when nobody is logged in. */
  readonly userId: string | null
  /** Names this login among all others; null when nobody is logged in. */
  readonly sessionId: string | null
  /** The connection state. */
  readonly state: ConnectionState
}

/** What a program may call at any time, logged in or not. */
export abstract class ConfigMethods extends PresenceMethods {
  /** @internal */
  protected abstract override readonly internals: () => MethodContext & { readonly appId: AppId }

  /** Changes `logFilter` and `rateLimits` of this client, if they are given; the rest of a configuration counts when a client is created. Throws an `RtmError` with code 1 if it is not well-formed. */
  updateConfig(config: RtmConfig): void {
    checkConfig('updateConfig', config)
    const { engine, logbook } = this.internals()
    const { logFilter, rateLimits } = config
    if (logFilter) logbook.consoleFilter = consoleFilterOf(logFilter)
    if (engine && rateLimits !== undefined) engine.limits.areOn = rateLimits
  }

  /** The same as `updateConfig`, by its former name. */
  setParameters(config: RtmConfig): void {
    this.updateConfig(config)
  }

  /** Own session, servers, and per peer its state in words, path, candidate types, queued bytes and last error. Not in the API of the cloud service. */
  async diagnose(): Promise<RtmDiagnosis> {
    const { appId, engine } = this.internals()
    const diagnosis = await engine?.diagnose()
    return {
      appId,
      userId: diagnosis?.userId ?? null,
      sessionId: diagnosis?.sessionId ?? null,
      state: engine ? connectionStates[engine.state] : ConnectionState.DISCONNECTED,
      servers: diagnosis?.servers ?? [],
      peers: diagnosis?.peers ?? [],
    }
  }

  /**
   * The client's log as text, a JSON object in each line, the oldest first: logins, connection states, servers, links,
   * channels, failed calls; never what a message or an attribute says, nor a token. Empty if the part of the library
   * that reads it cannot be loaded; never rejects. Not in the API of the cloud service.
   */
  readLog(): Promise<string> {
    return this.internals().logbook.read()
  }

  /** Deletes what `readLog` reads, also of other clients of this page's origin. Not in the API of the cloud service. */
  clearLog(): Promise<void> {
    return this.internals().logbook.clear()
  }

  /**
   * Logs out and frees the client. Its calls then reject with code 101. Nothing that has arrived is told any more; what
   * follows is what `destroy` ends: calls, invitations, the connection state. May be called twice. Not in the API of the
   * cloud service.
   */
  destroy(): void {
    const internals = this.internals()
    if (!internals.engine) return
    internals.engine.logout(() => undefined)
    internals.engine = undefined
    internals.logbook.close()
  }
}
