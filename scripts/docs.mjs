import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { gaps } from '../test/conformance/table.mjs'
import { apiPage } from './api-page.mjs'
import { readSurface } from './conformance.mjs'
import { Docstrings } from './docstrings.mjs'
import { project, runTool } from './tools.mjs'

// npm run docs: docs/API.md, which is in the repository, and docs/reference/, which is not. With --check nothing is
// written: it fails if docs/API.md is not what would be, or if a public member has no docstring.

const isCheck = process.argv.includes('--check')
const file = join(project, 'docs/API.md')

const surface = readSurface()
const missing = gaps(surface)
for (const gap of missing) console.error(gap)

const page = apiPage(surface, new Docstrings())
const isOld = !existsSync(file) || readFileSync(file, 'utf8') !== page
if (isCheck && isOld) console.error('docs/API.md is out of date: run npm run docs')
if (!isCheck) writeFileSync(file, page)

const reference = runTool(
  'typedoc',
  isCheck ? ['--emit', 'none', '--logLevel', 'Warn'] : ['--logLevel', 'Warn'],
)
if (missing.length > 0 || (isCheck && isOld) || reference !== 0) process.exitCode = 1
