/** What a server of ours counted, as Prometheus reads it. */
export class Counts {
  /** @param {ReadonlyMap<string, number>} values by name and labels @param {number} at */
  constructor(values, at) {
    this.values = values
    this.at = at
  }

  /** What has been counted in between. @param {Counts} before */
  since(before) {
    const grown = [...this.values].map(
      ([name, value]) => /** @type {const} */ ([name, value - (before.values.get(name) ?? 0)]),
    )
    return Object.assign(new Counts(new Map(grown), this.at), { seconds: (this.at - before.at) / 1_000 })
  }

  /** @param {string} name */
  of(name) {
    return this.values.get(`rtm_mesh_${name}`) ?? Number.NaN
  }

  /** By the only label that it has. @param {string} name */
  labelled(name) {
    /** @type {Map<string, number>} */
    const found = new Map()
    for (const [line, value] of this.values) {
      const [, of, label] = /^rtm_mesh_(\w+)\{\w+="([^"]+)"\}$/.exec(line) ?? []
      if (of === name && label !== undefined) found.set(label, value)
    }
    return found
  }
}

/** @param {number} port */
export async function readCounts(port) {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  const at = performance.now()
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  const values = lines.map((line) => {
    const end = line.lastIndexOf(' ')
    return /** @type {const} */ ([line.slice(0, end), Number(line.slice(end + 1))])
  })
  return new Counts(new Map(values), at)
}
