/**
 * Tells the process that started this server where it listens, and ends with it.
 *
 * @param {string} url
 */
export function tellParent(url) {
  process.send?.({ url })
  process.on('disconnect', () => process.exit())
}
