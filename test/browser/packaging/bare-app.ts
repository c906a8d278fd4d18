import { execFileSync } from 'node:child_process'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'

import { ensureBuilt, npmCommand, project } from '../../../scripts/tools.mjs'
import { html, importKit, kitProgram, moduleTag } from './programs.ts'

/** Whose names a program has. */
export type Face = 'kit' | 'web'

const firstWords = { kit: 'import { AgoraRtmKit', web: 'import AgoraRTM from' } satisfies Record<Face, string>

/** What a user of the package has: an empty folder, the tarball installed in it, a page, and nothing of this repository. */
export class BareApp {
  readonly folder = mkdtempSync(join(tmpdir(), 'rtm-mesh-bare-app-'))
  readonly tarball: string

  constructor() {
    ensureBuilt()
    this.write('package.json', JSON.stringify({ name: 'bare-app', private: true, type: 'module' }))
    this.npm(project, 'pack', '--ignore-scripts', '--pack-destination', this.folder)
    const tarball = readdirSync(this.folder).find((file) => file.endsWith('.tgz'))
    if (tarball === undefined) throw new Error('npm pack made no tarball')
    this.tarball = join(this.folder, tarball)
    this.npm(this.folder, 'install', `./${tarball}`, '--prefer-offline', '--no-audit', '--no-fund')

    this.write('index.html', html(moduleTag('/main.js')))
    this.write('main.js', kitProgram(importKit('rtm-mesh')))
    this.write(
      'vite.config.js',
      `import rtmMesh from 'rtm-mesh/vite'\nexport default { plugins: [rtmMesh()] }\n`,
    )
  }

  /** A page for alice and one for bob with an example of the README, as pasted but for the server and the name. */
  writeReadmeExample(face: Face, serverUrl: string): void {
    const example = readmeExample(face)
    for (const name of ['alice', 'bob']) {
      const file = `${face}-${name}`
      this.write(`${file}.html`, html(moduleTag(`/${file}.js`)))
      this.write(
        `${file}.js`,
        example.replace('ws://127.0.0.1:8787/rtm', serverUrl).replace(`'alice'`, `'${name}'`),
      )
    }
  }

  write(file: string, text: string): void {
    writeFileSync(join(this.folder, file), text)
  }

  /** The files of the package as it is installed. */
  packedFiles(): string[] {
    const folder = join(this.folder, 'node_modules/rtm-mesh')
    const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
    return entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => relative(folder, join(parentPath, name)).replaceAll('\\', '/'))
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }

  private npm(cwd: string, ...args: string[]): void {
    const [file, first] = npmCommand()
    execFileSync(file, [...first, ...args, '--loglevel', 'error'], {
      cwd,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  }
}

/** The first program of the README with the names of this face. */
export function readmeExample(face: Face): string {
  const readme = readFileSync(join(project, 'README.md'), 'utf8')
  const programs = [...readme.matchAll(/^```js\n(.*?)^```/gms)].map(([, program = '']) => program)
  const example = programs.find((program) => program.startsWith(firstWords[face]))
  if (example !== undefined) return example
  throw new Error(`The README has no example that begins with ${firstWords[face]}`)
}

/** A folder with dist/ in it and one page without any build. */
export function makeStaticSite(): { folder: string; remove: () => void } {
  ensureBuilt()
  const folder = mkdtempSync(join(tmpdir(), 'rtm-mesh-static-site-'))
  cpSync(join(project, 'dist'), join(folder, 'dist'), { recursive: true })
  writeFileSync(join(folder, 'index.html'), html(moduleTag('/main.js')))
  writeFileSync(join(folder, 'main.js'), kitProgram(importKit('./dist/rtm-mesh.js')))
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}
