import { type Outcome, simulate } from './simulate.ts'

process.setMaxListeners(0)

/** What `npm run fuzz` runs in each of its processes: `seeds` from `from` on, every `every`th. Prints one line of JSON for each. */
const { FUZZ = '{}' } = process.env
const {
  from = 1,
  seeds = 1,
  every = 1,
  ops = 2_000,
  tail = 0,
  twice = true,
} = JSON.parse(FUZZ) as Record<string, number> & { twice?: boolean }

for (let seed = from; seed < from + seeds; seed += every) {
  const started = process.cpuUsage()
  const outcome: Outcome = await simulate({ seed, steps: ops })
  const again = twice ? await simulate({ seed, steps: ops }) : outcome
  const { user, system } = process.cpuUsage(started)
  const cpuMs = Math.round((user + system) / 1_000)
  const { failure, failedAt, hash, summary } = outcome
  const isSame = again.hash === hash
  console.log(JSON.stringify({ seed, hash, isSame, failure, failedAt, cpuMs, summary }))
  if (failure !== undefined)
    for (const line of tail > 0 ? outcome.tail(tail) : []) console.log(line.slice(0, 300))
}
