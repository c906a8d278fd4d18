import attributes from './attributes.mjs'
import channels from './channels.mjs'
import invitations from './invitations.mjs'
import messages from './messages.mjs'
import presence from './presence.mjs'
import service from './service.mjs'
import session from './session.mjs'
import tokens from './tokens.mjs'

// Every method, event and constant of the API page (test/kit/fixtures/surface.json) with the tests that prove how it
// behaves: in a browser, and in Node what is more exact on a clock that is moved. npm test fails for a row without a test that passed, and
// docs/API.md is written from here.

/**
 * Tests by file in test/ and title, `file › describe › test`; or why the library never gives this constant: then
 * test/kit/reserved.test.ts is its test.
 *
 * @typedef {readonly string[] | { readonly never: string }} Proof
 */

/**
 * @typedef {object} Chapter
 * @property {string} title
 * @property {Readonly<Record<string, Proof>>} methods by owner and name, as the page's table has them
 * @property {Readonly<Record<string, Proof>>} events by delegate and name
 * @property {Readonly<Record<string, Readonly<Record<string, Proof>>>>} constants by enum and name
 */

/**
 * @typedef {object} Row
 * @property {'method' | 'event' | 'constant'} kind
 * @property {string} name with its owner
 * @property {string} chapter
 * @property {readonly string[]} tests
 * @property {string} [never]
 */

/**
 * @typedef {object} Surface
 * @property {readonly { owner: string, name: string, signature: string }[]} methods
 * @property {readonly { delegate: string, name: string, signature: string }[]} events
 * @property {Readonly<Record<string, Readonly<Record<string, { value: number }>>>>} enums
 */

/** @type {readonly Chapter[]} */
export const chapters = [session, tokens, messages, presence, attributes, channels, invitations, service]

/** The test of a constant that is never given. @param {string} name */
export const reservedTest = (name) =>
  `kit/reserved.test.ts › A constant that is never given › is named nowhere in the library: ${name}`

/** @param {readonly Chapter[]} [of] @returns {Row[]} */
export function rows(of = chapters) {
  return of.flatMap((chapter) => [
    ...Object.entries(chapter.methods).map(([name, proof]) => row('method', name, chapter, proof)),
    ...Object.entries(chapter.events).map(([name, proof]) => row('event', name, chapter, proof)),
    ...Object.entries(chapter.constants).flatMap(([owner, members]) =>
      Object.entries(members).map(([name, proof]) => row('constant', `${owner}.${name}`, chapter, proof)),
    ),
  ])
}

/**
 * What is on the page and not in the table, twice in it, or in it alone; and rows without a test, or with none in a
 * browser.
 *
 * @param {Surface} surface
 */
export function gaps(surface, table = rows()) {
  const wanted = namesOf(surface)
  const found = table.map(({ kind, name }) => `${kind} ${name}`)
  return [
    ...wanted.filter((name) => !found.includes(name)).map((name) => `${name}: not in test/conformance`),
    ...found.filter((name) => !wanted.includes(name)).map((name) => `${name}: not on the API page`),
    ...found
      .filter((name, i) => found.indexOf(name) !== i)
      .map((name) => `${name}: in test/conformance twice`),
    ...table.flatMap(({ kind, name, tests, never }) => {
      if (tests.length === 0) return `${kind} ${name}: no test`
      const isInBrowser = tests.some((test) => test.startsWith('browser/'))
      return isInBrowser || never !== undefined ? [] : `${kind} ${name}: no test in a browser`
    }),
  ]
}

/** @param {Surface} surface @returns {string[]} */
function namesOf({ methods, events, enums }) {
  return [
    ...methods.map(({ owner, name }) => `method ${owner}.${name}`),
    ...events.map(({ delegate, name }) => `event ${delegate}.${name}`),
    ...Object.entries(enums).flatMap(([owner, members]) =>
      Object.keys(members).map((name) => `constant ${owner}.${name}`),
    ),
  ]
}

/** @param {Row['kind']} kind @param {string} name @param {Chapter} chapter @param {Proof} proof @returns {Row} */
function row(kind, name, { title: chapter }, proof) {
  return 'never' in proof
    ? { kind, name, chapter, tests: [reservedTest(name)], never: proof.never }
    : { kind, name, chapter, tests: proof }
}
