import { workload as a } from './a.mjs'
import { workload as b } from './b.mjs'
import { workload as c } from './c.mjs'
import { workload as d } from './d.mjs'
import { workload as e } from './e.mjs'
import { workload as f } from './f.mjs'
import { workload as g } from './g.mjs'
import { workload as h } from './h.mjs'
import { workload as i } from './i.mjs'
import { workload as j } from './j.mjs'
import { workload as k } from './k.mjs'

/** @import { Workload } from './workload.mjs' */

/**
 * In the order in which they are run. Those of a block follow each other with the same library, and may go on with what
 * the one before has built up; block after block the libraries take turns.
 *
 * @type {readonly (readonly Workload[])[]}
 */
export const blocks = [[a, b, c], [e], [f, d, g, h], [i], [j], [k]]
