import { countsOf, overfullOf } from './counts.ts'

// What `node bench/scaling.mjs` runs: one line of JSON for each size.

/** Every replica is one more in this process: with 200 that takes minutes, and tells nothing new. */
const LARGEST_WITH_WRITES = 100

// Each replica listens for the end of the process.
process.setMaxListeners(0)
const sizes = JSON.parse(process.env['SIZES'] ?? '[2]') as number[]
const overfull = JSON.parse(process.env['OVERFULL'] ?? '[]') as number[]
for (const size of overfull) console.log(JSON.stringify(await overfullOf(size)))
for (const size of sizes) console.log(JSON.stringify(await countsOf(size, size <= LARGEST_WITH_WRITES)))
process.exit()
