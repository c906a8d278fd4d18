import { basename } from 'node:path'

import { limits, timeouts } from '../test/conformance/limits.mjs'
import { chapters, rows } from '../test/conformance/table.mjs'

/** @import { Chapter, Row, Surface } from '../test/conformance/table.mjs' */
/** @import { Docstrings } from './docstrings.mjs' */

const HEAD = `# API

Every method, event and constant of the API page, with what is written about it in the source and the tests that prove
it. Written by \`npm run docs\` from the source, \`test/kit/fixtures/surface.json\` and \`test/conformance/\`; not by hand.
\`npm run docs\` also writes the whole reference, with every class and type of both faces, to \`docs/reference/\`.

A \`completion\` gets the values of the promise one by one, right after it. Limits are counted for each kit by itself, in
any window of that length; a call that is refused for its arguments or as too often costs nothing. Of several reasons to
refuse a call the first counts: the kit or channel was destroyed (NotInitialized), nobody is logged in (NotLoggedIn),
arguments, how often, the state, and then what the network says. In the state Aborted a call answers Timeout at once, or
Failure where its enum has no Timeout.
`

/**
 * docs/API.md.
 *
 * @param {Surface} surface
 * @param {Docstrings} docstrings
 */
export function apiPage(surface, docstrings) {
  /** @param {Chapter} chapter */
  const chapterText = (chapter) => {
    const own = rows([chapter])
    const methods = own
      .filter(({ kind }) => kind === 'method')
      .map((row) => methodOf(surface, row, docstrings))
    const events = own.filter(({ kind }) => kind === 'event').map((row) => eventOf(surface, row, docstrings))
    const overview = [
      '| method | answers | limit | timeout | proved by |',
      '| --- | --- | --- | --- | --- |',
      ...methods.map(({ overview: line }) => line),
    ]
    return [
      `## ${chapter.title}`,
      ...(methods.length > 0 ? [overview.join('\n'), ...methods.map(({ section }) => section)] : []),
      ...events,
      ...Object.keys(chapter.constants).map((owner) => enumOf(surface, owner, own, docstrings)),
    ].join('\n\n')
  }
  const contents = chapters.map(({ title }) => `- [${title}](#${anchor(title)})`).join('\n')
  return `${[HEAD + '\n' + contents, ...chapters.map(chapterText)].join('\n\n')}\n`
}

/** @param {Surface} surface @param {Row} row @param {Docstrings} docstrings */
function methodOf({ methods }, row, docstrings) {
  const found = methods.find(({ owner, name }) => row.name === `${owner}.${name}`)
  const { owner = '', name = '', signature = '' } = found ?? {}
  const title = `${owner}.${name.replace('static ', '')}`
  const code = /(\w+ErrorCode)\b(?!.*ErrorCode)/.exec(signature)?.[1]
  const answers = code === undefined ? (/: ([^:]*)$/.exec(signature)?.[1] ?? '') : code
  const linked =
    code === undefined || code.includes('SetContext')
      ? `\`${answers.replaceAll('|', '\\|')}\``
      : `[${answers}](#${anchor(answers)})`
  const limit = limitOf(row.name)
  const timeout = timeouts[row.name] === undefined ? '' : `${(timeouts[row.name] ?? 0) / 1_000} s`
  const section = [
    `### ${title}`,
    `\`\`\`ts\n${name}${signature}\n\`\`\``,
    written(docstrings.ofMember(owner, name)),
    testList(row),
  ].join('\n\n')
  return {
    overview: `| [${title}](#${anchor(title)}) | ${linked} | ${limit} | ${timeout} | ${testLinks(row)} |`,
    section,
  }
}

/** @param {Surface} surface @param {Row} row @param {Docstrings} docstrings */
function eventOf({ events }, row, docstrings) {
  const found = events.find(({ delegate, name }) => row.name === `${delegate}.${name}`)
  const { delegate = '', name = '', signature = '' } = found ?? {}
  return [
    `### Event: ${delegate}.${name}`,
    `\`\`\`ts\n${name}?${signature}: void\n\`\`\``,
    written(docstrings.ofMember(delegate, name)),
    testList(row),
  ].join('\n\n')
}

/** @param {Surface} surface @param {string} owner @param {readonly Row[]} own @param {Docstrings} docstrings */
function enumOf({ enums }, owner, own, docstrings) {
  const lines = Object.entries(enums[owner] ?? {}).map(([name, { value }]) => {
    const row = own.find(({ kind, name: full }) => kind === 'constant' && full === `${owner}.${name}`)
    const text = docstrings.ofMember(owner, name)?.text ?? ''
    const why = row?.never === undefined ? '' : ` Never given: ${row.never}`
    return `| \`${name}\` | ${value} | ${cell(text)}${cell(why)} | ${row ? testLinks(row) : ''} |`
  })
  const head = ['| name | value | meaning | proved by |', '| --- | --- | --- | --- |']
  return [`### ${owner}`, written(docstrings.of(owner)), [...head, ...lines].join('\n')].join('\n\n')
}

/** @param {string} method */
function limitOf(method) {
  const own = limits.filter(({ methods }) => methods.includes(method))
  return own
    .map(({ methods, count, windowMs, code, isPerChannel }) => {
      const others = methods.length > 1 ? `, all ${methods.length} like it together` : ''
      const channel = isPerChannel ? ' of one channel' : ''
      return `${count}${channel} in ${windowMs / 1_000} s${others} (${code})`
    })
    .join('; ')
}

/** @param {{ text: string, file: string } | undefined} docstring */
function written(docstring) {
  if (!docstring) return '*Not here yet.*'
  return `${docstring.text}\n\nSource: [\`${docstring.file}\`](../${docstring.file})`
}

/** @param {Row} row */
function testList({ tests }) {
  const list = tests.map((test) => `- ${link(test, titleOf(test))}`).join('\n')
  return `Proved by:\n\n${list || '- nothing yet'}`
}

/** @param {Row} row */
function testLinks({ tests }) {
  return tests.map((test) => link(test, basename(fileOf(test)))).join(', ')
}

/** @param {string} test @param {string} text */
function link(test, text) {
  return `[${cell(text)}](../test/${fileOf(test)} "${cell(titleOf(test)).replaceAll('"', "'")}")`
}

/** @param {string} test */
const fileOf = (test) => test.split(' › ')[0] ?? ''
/** @param {string} test */
const titleOf = (test) => test.split(' › ').slice(1).join(' › ')
/** @param {string} text */
const cell = (text) => text.replaceAll('\n', ' ').replaceAll('|', '\\|')
/** As GitHub makes them of headings. @param {string} heading */
const anchor = (heading) =>
  heading
    .toLowerCase()
    .replace(/[^\w -]/g, '')
    .replaceAll(' ', '-')
