import { seededRandom } from '../support/random.ts'

/** Choices of one seed. */
export class Dice {
  readonly random: () => number

  constructor(...seed: readonly number[]) {
    this.random = seededRandom(
      seed.reduce((hash, part) => Math.imul(hash ^ part, 0x9e3779b1) ^ (hash >>> 15), 1),
    )
  }

  below(limit: number): number {
    return Math.floor(this.random() * limit)
  }

  between(least: number, most: number): number {
    return least + this.below(most - least + 1)
  }

  /** True in so many of a hundred cases. */
  percent(count: number): boolean {
    return this.random() * 100 < count
  }

  of<T>(all: readonly T[]): T | undefined {
    return all[this.below(all.length)]
  }

  /** Each as often as its weight says. */
  weighted<T extends { readonly weight: number }>(all: readonly T[]): T | undefined {
    let left = this.random() * all.reduce((sum, { weight }) => sum + weight, 0)
    return all.find(({ weight }) => (left -= weight) < 0)
  }
}
