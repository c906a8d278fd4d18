import { tellParent } from './parent.mjs'

/** @import * as Signaling from '../../signaling/index.ts' */

// As its users get it: from dist/, with its own limits.
const built = new URL('../../dist/signaling.js', import.meta.url).href
const { createSignalingServer } = /** @type {typeof Signaling} */ (await import(built))
const { url } = await createSignalingServer({ port: 0 })
tellParent(url)
