/** What this process has done since it started, and has now. For monitors. */
export interface Stats {
  readonly openSockets: number
  /** Signals passed on to their recipient. */
  readonly relayedSignals: number
  /** Signals whose recipient was not there, or reads too slowly. */
  readonly undeliverableSignals: number
}
