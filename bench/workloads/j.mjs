import { bundleSize, isBundled } from '../bundle.mjs'

/** @import { Workload } from './workload.mjs' */

const KB = 1024

/** @type {Workload} */
export const workload = {
  letter: 'j',
  title: 'what a page loads until users can be reached, minified and gzipped',
  unit: 'KB',
  better: 'less',
  isOnce: true,
  isOfFiles: true,
  further: {
    ever: 'all that is ever loaded, KB',
    simplePeer: 'simple-peer alone, which is in it, KB',
  },
  async measure({ contender: { name } }) {
    if (!isBundled(name)) return undefined
    const { early, ever } = await bundleSize(name)
    // The same in each.
    const simplePeer = HAVE_SIMPLE_PEER.includes(name) ? await bundleSize('simple-peer') : undefined
    return { value: early / KB, ever: ever / KB, ...(simplePeer && { simplePeer: simplePeer.early / KB }) }
  },
}

const HAVE_SIMPLE_PEER = ['rtm-mesh', 'rtm-mesh-web', 'y-webrtc']
