/** @param {readonly number[]} values at least one */
export function median(values) {
  return quantile(values, 0.5)
}

/**
 * Between two values of a list it is the mean of them, weighted.
 *
 * @param {readonly number[]} values at least one, in any order
 * @param {number} share 0 for the least, 1 for the greatest
 */
export function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b)
  const place = (sorted.length - 1) * share
  const [below, above] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]]
  if (below === undefined || above === undefined) throw new Error('There is no value')
  return below + (above - below) * (place - Math.floor(place))
}

/** @param {readonly number[]} values */
export function sum(values) {
  return values.reduce((total, value) => total + value, 0)
}
