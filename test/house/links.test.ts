import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'

const project = join(import.meta.dirname, '../..')
const pages = [
  'README.md',
  ...readdirSync(join(project, 'docs')).flatMap((name) => (name.endsWith('.md') ? `docs/${name}` : [])),
]

const read = (path: string): string => readFileSync(path, 'utf8')

/** As GitHub makes them of headings. */
const anchorsOf = (text: string): string[] =>
  [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-'),
  )

/** Those of its links that lead nowhere, or to one of two headings of the same name. */
function deadLinks(page: string): string[] {
  const text = read(join(project, page)).replace(/^```[\s\S]*?^```/gm, '')
  const targets = [...text.matchAll(/\]\(([^)\s]+)(?: "[^"]*")?\)/g)].map(([, target = '']) => target)
  return targets.filter((target) => {
    if (/^https?:/.test(target)) return false
    const [file = '', anchor] = target.split('#')
    const path = file === '' ? join(project, page) : join(project, dirname(page), file)
    if (!existsSync(path)) return true
    return anchor !== undefined && anchorsOf(read(path)).filter((one) => one === anchor).length !== 1
  })
}

test.each(pages)('each link of %s leads to a file and a heading that are there', (page) => {
  expect(deadLinks(page)).toEqual([])
})
