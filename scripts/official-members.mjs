import ts from 'typescript'

/**
 * One member of the official declarations.
 *
 * @typedef {object} Member
 * @property {string} name as people would say it
 * @property {string} line expressions that compile if ours is the same to programs
 * @property {boolean} isCounted false for what stands for several members, which are counted one by one
 */

/** @typedef {{ name: string, own: ts.ClassElement[] | ts.TypeElement[], base: string | undefined }} Shape */

/** Of what only the declarations themselves make use of. */
const HELPERS = new Set(['ListenerType', 'EventEmitter'])

/** What programs make and are never given: ours may take more. */
const ONLY_GIVEN = new Set(['ChannelAttributeOptions', 'RtmConfig'])

/** Which class has the events of an interface. */
const EMITTERS = /** @type {const} */ ({
  RtmChannelEvents: 'RtmChannel',
  RtmClientEvents: 'RtmClient',
  LocalInvitationEvents: 'LocalInvitation',
  RemoteInvitationEvents: 'RemoteInvitation',
})

/**
 * Every member that the declarations have, and the declarations with all their names exported, so that each type can be
 * named.
 *
 * @param {string} declarations
 * @returns {{ members: Member[], withAllNames: string }}
 */
export function membersOf(declarations) {
  const source = ts.createSourceFile('index.d.ts', declarations, ts.ScriptTarget.ES2022, true)
  /** @type {Map<string, ts.ClassDeclaration>} */
  const classes = new Map()
  /** @type {string[]} */
  const named = []
  for (const statement of source.statements) {
    if (ts.isClassDeclaration(statement) && statement.name) classes.set(statement.name.text, statement)
    if (isNamed(statement)) named.push(statement.name.text)
  }
  const exported = new Set(
    source.statements
      .filter(ts.isExportDeclaration)
      .flatMap(({ exportClause }) =>
        exportClause && ts.isNamedExports(exportClause)
          ? exportClause.elements.map((each) => each.name.text)
          : [],
      ),
  )
  const missing = named.filter((name) => !exported.has(name))
  return {
    members: [
      ...source.statements.flatMap((statement) => membersOfStatement(statement, classes)),
      whole('AgoraRTM', [assigned('typeof ours.default', 'typeof official.default')]),
    ],
    withAllNames: `${declarations}\nexport type { ${missing.join(', ')} }\n`,
  }
}

/** @param {ts.Statement} statement @returns {statement is ts.ClassDeclaration & { name: ts.Identifier } | ts.InterfaceDeclaration | ts.TypeAliasDeclaration} */
function isNamed(statement) {
  return (
    ts.isClassDeclaration(statement) ||
    ts.isInterfaceDeclaration(statement) ||
    ts.isTypeAliasDeclaration(statement)
  )
}

/** @param {ts.Statement} statement @param {ReadonlyMap<string, ts.ClassDeclaration>} classes @returns {Member[]} */
function membersOfStatement(statement, classes) {
  if (ts.isModuleDeclaration(statement) && statement.body && ts.isModuleBlock(statement.body))
    return statement.body.statements.flatMap((inner) => membersOfNamespace(statement.name.text, inner))
  if (!isNamed(statement) || HELPERS.has(statement.name.text)) return []
  const name = statement.name.text
  if (ts.isClassDeclaration(statement)) return membersOfClass(name, statement, classes)
  if (ts.isInterfaceDeclaration(statement))
    return [...statement.members].flatMap((each) => membersOfData(name, each))
  const { type } = statement
  if (ts.isTypeLiteralNode(type)) return [...type.members].flatMap((each) => membersOfData(name, each))
  return [
    counted(name, [
      assigned(`ours.${name}`, `official.${name}`),
      assigned(`official.${name}`, `ours.${name}`),
    ]),
  ]
}

/** @param {string} namespace @param {ts.Statement} statement @returns {Member[]} */
function membersOfNamespace(namespace, statement) {
  if (ts.isEnumDeclaration(statement)) return membersOfEnum(`${namespace}.${statement.name.text}`, statement)
  if (ts.isInterfaceDeclaration(statement))
    return [...statement.members].map((each) => eventOf(`${namespace}.${statement.name.text}`, each))
  if (ts.isFunctionDeclaration(statement) && statement.name)
    return [constantOf(namespace, statement.name.text)]
  if (!ts.isVariableStatement(statement)) throw new Error(`${namespace} has what nobody compares`)
  return statement.declarationList.declarations.map((each) => constantOf(namespace, textOf(each.name)))
}

/** A constant or function of the object that the package has as its default. @param {string} namespace @param {string} name */
function constantOf(namespace, name) {
  const [ours, official] = [`typeof ours.default.${name}`, `typeof official.default.${name}`]
  return counted(`${namespace}.${name}`, [assigned(ours, official)])
}

/** @param {string} name @param {ts.EnumDeclaration} declaration @returns {Member[]} */
function membersOfEnum(name, declaration) {
  const [ours, official] = [`ours.${name}`, `official.${name}`]
  const members = declaration.members.map((each) => {
    const member = textOf(each.name)
    const text = (/** @type {string} */ type) => `\`\${${type}.${member}}\``
    return counted(`${name}.${member}`, [
      assigned(`${ours}.${member}`, `${official}.${member}`),
      assigned(`${official}.${member}`, `${ours}.${member}`),
      assigned(text(ours), text(official)),
      // As a value, too.
      `(all: typeof ${ours}): ${official} => all.${member}`,
    ])
  })
  return [...members, whole(name, [assigned(ours, official), assigned(official, ours)])]
}

/** @param {string} name of its interface @param {ts.TypeElement} element @returns {Member} */
function eventOf(name, element) {
  const event = textOf(element.name)
  const owner = EMITTERS[/** @type {keyof typeof EMITTERS} */ (name.split('.')[1])]
  const [ours, official] = [`ours.${name}['${event}']`, `official.${name}['${event}']`]
  const added = ['on', 'once', 'off'].map((method) => `.${method}('${event}', listener)`)
  return counted(`${owner} event ${event}`, [
    // Listeners that are written for the official package can be given to ours, which calls them with what they take.
    `(listener: ${official}): ${ours} => listener`,
    `(emitter: ours.${owner}, listener: ${official}): ours.${owner} => emitter${added.join('')}`,
    `(emitter: ours.${owner}): number => emitter.removeAllListeners('${event}').listenerCount('${event}')`,
    // With exactly as many arguments.
    assigned(`Parameters<${ours}>['length']`, `Parameters<${official}>['length']`),
  ])
}

/** With what it inherits. @param {string} name @param {ts.ClassDeclaration} declaration @param {ReadonlyMap<string, ts.ClassDeclaration>} classes @returns {Member[]} */
function membersOfClass(name, declaration, classes) {
  /** @type {Map<string, Member>} */
  const found = new Map()
  for (
    let each = /** @type {ts.ClassDeclaration | undefined} */ (declaration);
    each;
    each = baseOf(each, classes)
  ) {
    for (const element of each.members) {
      const member = memberOfClass(name, element)
      if (!found.has(member.name)) found.set(member.name, member)
    }
  }
  return [...found.values(), whole(name, [assigned(`ours.${name}`, `official.${name}`)])]
}

/** @param {string} owner @param {ts.ClassElement} element @returns {Member} */
function memberOfClass(owner, element) {
  const name = textOf(element.name)
  const flags = ts.getCombinedModifierFlags(element)
  const isStatic = (flags & ts.ModifierFlags.Static) !== 0
  const of = (/** @type {string} */ from) => (isStatic ? `(typeof ${from}.${owner})` : `${from}.${owner}`)
  const [ours, official] = [`${of('ours')}['${name}']`, `${of('official')}['${name}']`]
  const given = [assigned(ours, official)]
  if (ts.isMethodDeclaration(element)) given.push(assigned(ours, `Strict<${official}>`))
  else if ((flags & ts.ModifierFlags.Readonly) === 0)
    given.push(`(object: ${of('ours')}, value: ${official}): void => { object.${name} = value }`)
  return counted(`${owner}.${name}`, given)
}

/** Data: what programs make, or are given. @param {string} owner @param {ts.TypeElement} element @returns {Member[]} */
function membersOfData(owner, element) {
  if (ts.isIndexSignatureDeclaration(element))
    return [counted(`${owner}[]`, bothWays(`ours.${owner}[string]`, `official.${owner}[string]`))]
  const name = textOf(element.name)
  const [ours, official] = [`Pick<ours.${owner}, '${name}'>`, `Pick<official.${owner}, '${name}'>`]
  if (!ONLY_GIVEN.has(owner)) return [counted(`${owner}.${name}`, bothWays(ours, official))]
  const present = assigned(
    `NonNullable<ours.${owner}['${name}']>`,
    `NonNullable<official.${owner}['${name}']>`,
  )
  return [counted(`${owner}.${name}`, [assigned(official, ours), present])]
}

/** @param {ts.ClassDeclaration} declaration @param {ReadonlyMap<string, ts.ClassDeclaration>} classes */
function baseOf({ heritageClauses }, classes) {
  const base = heritageClauses?.[0]?.types[0]?.expression
  return base && ts.isIdentifier(base) ? classes.get(base.text) : undefined
}

/** @param {string} ours @param {string} official */
function bothWays(ours, official) {
  return [assigned(ours, official), assigned(official, ours)]
}

/** An expression that compiles if whatever is the one is the other, too. @param {string} one @param {string} other */
function assigned(one, other) {
  return `(found: ${one}): ${other} => found`
}

/** @param {string} name @param {string[]} expressions @returns {Member} */
function counted(name, expressions) {
  return { name, line: expressions.join(', '), isCounted: true }
}

/** @param {string} name @param {string[]} expressions @returns {Member} */
function whole(name, expressions) {
  return { name, line: expressions.join(', '), isCounted: false }
}

/** @param {ts.Node | undefined} name */
function textOf(name) {
  if (!name || !(ts.isIdentifier(name) || ts.isStringLiteral(name))) throw new Error('A member has no name')
  return name.text
}
