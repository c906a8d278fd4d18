import type { ChannelId } from '../base/ids.ts'
import type { Peer } from '../protocol/peer.ts'
import type { Neighbours } from './neighbours.ts'

export interface LateNeighboursOptions {
  /** Makes them; undefined if what they are made of is not to be had now. */
  load(): Promise<(() => Neighbours) | undefined>
  /** How this session stands. */
  life(): 'in' | 'paused' | 'over'
  isServerUp(): boolean
}

/** Neighbours come some time after a server has accepted this session: what they have to know then is kept here. */
export class LateNeighbours {
  /** Undefined until they have come. */
  present: Neighbours | undefined
  /** What is joined now. */
  readonly joined = new Map<ChannelId, number>()
  /** As the server says that has accepted this session last. */
  private proof: { readonly me: Peer; readonly credential: string } | undefined

  constructor(private readonly options: LateNeighboursOptions) {}

  show(me: Peer, credential: string): void {
    this.proof = { me, credential }
    this.present?.show(me, credential)
  }

  renew(credential: string): void {
    if (this.proof) this.proof = { ...this.proof, credential }
    this.present?.renew(credential)
  }

  /** Asks for them, unless they are here. */
  async come(): Promise<void> {
    if (this.present) return
    const { load, life, isServerUp } = this.options
    const make = await load()
    // An earlier try may have led to them as well.
    if (!make || this.present || !this.proof || life() === 'over') return
    const neighbours = make()
    this.present = neighbours
    neighbours.show(this.proof.me, this.proof.credential)
    for (const [channelId, incarnation] of this.joined) neighbours.join(channelId, incarnation)
    if (life() === 'paused') neighbours.pause()
    if (!isServerUp()) neighbours.standIn()
  }
}
