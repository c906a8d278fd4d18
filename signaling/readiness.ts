/** A part of the server that may have a reason to take no new users. */
export type ReadinessPart = 'shutdown' | 'redis'

/** What `/readyz` says. */
export interface ReadinessReport {
  readonly ready: boolean
  /** One sentence of each part that has a reason; nothing where the server is ready. */
  readonly reasons: Readonly<Partial<Record<ReadinessPart, string>>>
}

/**
 * Whether this server should be given new users: a question of load balancers, answered at `/readyz`. Whoever is
 * connected stays so: what is not ready still serves, as far as it can.
 */
export class Readiness {
  private readonly reasonByPart = new Map<ReadinessPart, string>()

  /** `reason` is a sentence for operators, with nothing secret in it; undefined: this part is well (again). */
  report(part: ReadinessPart, reason: string | undefined): void {
    if (reason === undefined) this.reasonByPart.delete(part)
    else this.reasonByPart.set(part, reason)
  }

  get current(): ReadinessReport {
    return { ready: this.reasonByPart.size === 0, reasons: Object.fromEntries(this.reasonByPart) }
  }
}
