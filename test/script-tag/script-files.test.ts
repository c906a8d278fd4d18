import { describe, expect, it } from 'vitest'

import { spreadOverFiles } from '../../scripts/script-files.mjs'

const chunk = (fileName: string, imports: string[] = [], dynamicImports: string[] = []) => ({
  fileName,
  imports,
  dynamicImports,
})

const filesOf = (...chunks: ReturnType<typeof chunk>[]): Record<string, string[]> =>
  Object.fromEntries(
    [...spreadOverFiles(chunks, 'first')].map(([file, inIt]) => [file, inIt.map((one) => one.fileName)]),
  )

describe('The files of the script tag', () => {
  it('begin with what is loaded on demand, and with the first', () => {
    expect(
      filesOf(chunk('first', ['bytes'], ['login', 'log']), chunk('bytes'), chunk('login'), chunk('log')),
    ).toEqual({ first: ['first', 'bytes'], login: ['login'], log: ['log'] })
  })

  it('have what several of them need in the last one that comes before them all', () => {
    const files = filesOf(
      chunk('first', [], ['login', 'log']),
      chunk('login', ['links', 'text'], ['documents', 'help']),
      chunk('documents', ['links', 'login', 'trees']),
      chunk('help', ['links', 'login', 'package-outside']),
      chunk('log', ['text']),
      chunk('links', ['numbers']),
      chunk('numbers'),
      chunk('text'),
      chunk('trees'),
    )
    expect(files).toEqual({
      first: ['first', 'text'],
      login: ['login', 'links', 'numbers'],
      documents: ['documents', 'trees'],
      help: ['help'],
      log: ['log'],
    })
  })

  it('have what asks for a file in the first, though that file needs it, too', () => {
    const files = filesOf(
      chunk('first', ['crypto']),
      chunk('crypto', [], ['portable']),
      chunk('portable', ['crypto']),
    )
    expect(files).toEqual({ first: ['first', 'crypto'], portable: ['portable'] })
  })

  it('are refused where one needs another that may not have come', () => {
    const chunks = [chunk('first', [], ['login', 'log']), chunk('login'), chunk('log', ['login'])]
    expect(() => spreadOverFiles(chunks, 'first')).toThrow('log needs login, which may not have come')
  })
})
