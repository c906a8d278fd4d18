import { describe, expect, it } from 'vitest'

import type { Chunk, Part } from '../../src/script-tag/part.ts'
import { Parts } from '../../src/script-tag/parts.ts'

/** A chunk that exports its name, and what the chunks that it imports export. */
const naming = (name: string, ...imports: string[]): Record<string, Chunk> => ({
  [name]: (require, exports) => Object.assign(exports, { name, imports: imports.map((one) => require(one)) }),
})

const part = (chunks: Record<string, Chunk>, build = 'new'): Part => ({ build, chunks })

/** A loader whose files answer one after the other; what it has asked for. */
function setup(first: Record<string, Chunk>, ...answers: (Part | undefined | Error)[]) {
  const asked: string[] = []
  const parts = new Parts(part(first), async (fileAndQuery) => {
    asked.push(fileAndQuery)
    const answer = answers.shift()
    await Promise.resolve()
    if (answer instanceof Error) throw answer
    return answer
  })
  return { require: parts.require, asked }
}

describe('The parts of the script tag', () => {
  it('give what is in the first file at once, each chunk run once', () => {
    let runCount = 0
    const count: Chunk = (_require, _exports, module) => void (module.exports = { runCount: ++runCount })
    const { require, asked } = setup({ count, ...naming('entry', './count', './count') })
    expect(require('entry')).toEqual({ name: 'entry', imports: [{ runCount: 1 }, { runCount: 1 }] })
    expect(asked).toEqual([])
  })

  it('fetch a file that is asked for, by its release, and once for all who wait for it', async () => {
    const { require, asked } = setup(naming('base'), part(naming('later.js', './base')))
    const [one, two] = [require('./later.js'), require('./later.js')]
    const later = { name: 'later.js', imports: [{ name: 'base', imports: [] }] }
    expect(await one).toEqual(later)
    expect(await two).toBe(await one)
    expect(require('./later.js')).toBe(await one)
    expect(asked).toEqual(['later.js?build=new'])
  })

  it('ask a second time for a file that did not come, under another address', async () => {
    const { require, asked } = setup({}, new Error('offline'), part(naming('later.js')))
    expect(await require('./later.js')).toMatchObject({ name: 'later.js' })
    expect(asked).toEqual(['later.js?build=new', 'later.js?build=new&again=1'])
  })

  it('say that a file did not come twice, and can be asked for it again', async () => {
    const { require, asked } = setup(
      {},
      new Error('offline'),
      new Error('still offline'),
      part(naming('later.js')),
    )
    await expect(require('./later.js')).rejects.toThrow('still offline')
    expect(await require('./later.js')).toMatchObject({ name: 'later.js' })
    expect(asked).toHaveLength(3)
  })

  it('refuse a file of another release in words that help', async () => {
    const old = part(naming('later.js'), 'old')
    const { require } = setup({}, old, old)
    await expect(require('./later.js')).rejects.toThrow('later.js is of another release than')
  })

  it('refuse what is no part, such as a page that says 404', async () => {
    const { require } = setup({}, undefined, undefined, part({}))
    await expect(require('./later.js')).rejects.toThrow('What came for later.js is no part')
    await expect(require('./later.js')).rejects.toThrow('later.js is empty')
  })

  it('run a chunk again that threw', () => {
    const failures = [new Error('not yet')]
    const moody: Chunk = (_require, exports) => {
      const failure = failures.pop()
      if (failure) throw failure
      Object.assign(exports, { mood: 'good' })
    }
    const { require } = setup({ moody })
    expect(() => require('moody')).toThrow('not yet')
    expect(require('moody')).toEqual({ mood: 'good' })
  })

  it('run chunks that import each other, each seeing what the other has exported so far', () => {
    const one: Chunk = (require, exports) => Object.assign(exports, { two: require('two') })
    const two: Chunk = (require, exports) => Object.assign(exports, { one: require('one') })
    const { require } = setup({ one, two })
    expect(require('one')).toMatchObject({ two: { one: {} } })
  })
})
