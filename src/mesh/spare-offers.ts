import type { Cancel } from '../base/clock.ts'
import { existingConnections } from './peer-connection.ts'
import { SpareOffer } from './spare-offer.ts'
import type { WebRtcOptions } from './webrtc-options.ts'

/** Who joins a channel has its roster, and so the first peer to offer to, in less than this. Then the ports are given back. */
const SPARE_MS = 10_000
/** A page with that many connections, closed ones that were not collected included, makes none that nobody may need. */
const MAX_EXISTING = 100

/** One offer at most that is made ahead, for the first peer that it is this side's turn to offer to. */
export class SpareOffers {
  private spare: SpareOffer | undefined
  private cancel: Cancel = () => undefined

  constructor(private readonly options: Pick<WebRtcOptions, 'clock' | 'configuration'>) {}

  /** A link will be wanted in a moment. */
  prepare(): void {
    const configuration = this.options.configuration()
    if (this.spare || takesPlaceAtServer(configuration) || existingConnections() >= MAX_EXISTING) return
    const spare = new SpareOffer(configuration, () => this.spare === spare && this.drop())
    this.spare = spare
    this.cancel = this.options.clock.after(SPARE_MS, () => this.drop())
  }

  take(): SpareOffer | undefined {
    const { spare } = this
    this.cancel()
    this.spare = undefined
    return spare
  }

  drop(): void {
    this.take()?.close()
  }
}

/** A TURN server reserves an address for whoever gathers candidates, and many are paid for that. */
function takesPlaceAtServer({ iceServers = [] }: RTCConfiguration): boolean {
  return iceServers.some(({ urls }) => [urls].flat().some((url) => /^turns?:/i.test(url)))
}
