/** Whether it is a list, not empty, of nothing else. */
export function isListOf<Id>(list: unknown, isOne: (one: unknown) => one is Id): list is readonly Id[] {
  if (!Array.isArray(list) || list.length === 0) return false
  // A copy, as `every` passes over holes.
  return [...(list as unknown[])].every(isOne)
}

/** So many of them at random, or all if there are no more. */
export function sample<T>(all: readonly T[], count: number, random: () => number): readonly T[] {
  if (all.length <= count) return all
  const pool = [...all]
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(random() * (pool.length - i))
    const [a, b] = [pool[i], pool[j]]
    if (a !== undefined && b !== undefined) [pool[i], pool[j]] = [b, a]
  }
  return pool.slice(0, count)
}
