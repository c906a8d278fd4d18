import { shrink } from './shrink.ts'
import { simulate } from './simulate.ts'

// What `npm run fuzz` runs in each of its processes: every `every`th seed from `from` on, up to but not `to`.

interface Options {
  readonly from: number
  readonly to: number
  readonly every: number
  readonly ops: number
  /** Lines of the trace of a failure. */
  readonly tail: number
}

/** A line is cut here: values may be long. */
const MAX_LINE = 240

process.setMaxListeners(0)
const { from, to, every, ops, tail } = JSON.parse(process.env['FUZZ'] ?? '{}') as Options
for (let seed = from; seed < to; seed += every) await fuzz(seed)

async function fuzz(seed: number): Promise<void> {
  const started = process.cpuUsage()
  const outcome = await simulate({ seed, steps: ops })
  const again = await simulate({ seed, steps: ops })
  const { user, system } = process.cpuUsage(started)
  const { failure, hash, summary } = outcome
  const details = `seed ${seed}: ${hash}, ${summary}, ${Math.round((user + system) / 1_000)} ms`
  if (failure === undefined && again.hash === hash) return console.log(`passed ${details}`)
  console.log(`failed ${details}`)
  if (again.hash !== hash) console.log(`  The second run of seed ${seed} gave ${again.hash}`)
  if (failure === undefined) return
  console.log(`  ${failure.slice(0, MAX_LINE)}`)
  const { kept, steps, outcome: shrunk } = await shrink(seed, outcome)
  console.log(`  Shrunk to ${kept.length} of ${steps} steps: ${kept.join(' ')}`)
  for (const line of shrunk.tail(tail)) console.log(`  ${line.slice(0, MAX_LINE)}`)
}
