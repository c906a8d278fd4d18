import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { createSignalingServer, type SignalingServer } from '../../../signaling/index.ts'
import { ENTERED, type IsolatedBrowser, launchThrough, NAMESPACE } from './isolated.ts'

export type Place = 'near' | 'far'

const SIGNALING_PORT = 8787
const ADDRESSES = { near: '10.0.1', far: '10.0.2' } as const

/** Passes every connection on to the test's own process, which no namespace reaches but over the file system. */
const FORWARDER = `
  const { connect, createServer } = require('node:net')
  const server = createServer((socket) => {
    const onward = connect(process.argv[1])
    for (const [from, to] of [[socket, onward], [onward, socket]]) {
      from.on('error', () => to.destroy())
      from.pipe(to)
    }
  })
  server.listen(${SIGNALING_PORT}, () => console.log('ready'))
  process.stdin.resume().on('end', () => process.exit())
`

/**
 * Two machines and a router between them, at which the signaling server can be reached: each is a network namespace.
 * Whatever goes to or comes from the near one passes a filter.
 *
 *     near ----- filter ----- router, signaling server ----- far
 */
export class Network {
  private readonly browsers: IsolatedBrowser[] = []

  private constructor(
    private readonly folder: string,
    private readonly http: Server,
    private readonly signaling: SignalingServer,
    private readonly router: ChildProcess,
    private readonly places: Readonly<Record<Place, ChildProcess>>,
  ) {}

  static async create(secret: string): Promise<Network> {
    const folder = mkdtempSync(join(tmpdir(), 'rtm-mesh-network-'))
    const socketFile = join(folder, 'signaling')
    const http = createServer()
    await new Promise<void>((resolve) => http.listen(socketFile, resolve))
    const signaling = await createSignalingServer({ server: http, secret })
    const router = await started('unshare', [...NAMESPACE, process.execPath, '-e', FORWARDER, socketFile])
    const place = () =>
      started('nsenter', [...inside(router), 'unshare', '-n', 'sh', '-c', 'echo ready; cat'])
    const network = new Network(folder, http, signaling, router, { near: await place(), far: await place() })
    network.wire()
    return network
  }

  /** The signaling server, as both see it. */
  urlAt(place: Place): string {
    return `ws://${ADDRESSES[place]}.1:${SIGNALING_PORT}/rtm`
  }

  /** A browser on one of the two machines, which tells the other its address rather than a name that nobody resolves. */
  async browserAt(place: Place, options: { executablePath: string; args: string[] }) {
    const command = ['nsenter', ...inside(this.places[place])]
    const args = [...options.args, '--disable-features=WebRtcHideLocalIpsWithMdns']
    const browser = await launchThrough(command, { ...options, args })
    this.browsers.push(browser)
    return browser.browser
  }

  /** From now on this share of all packets to and from the near machine is lost, by chance. */
  lose(share: number): void {
    const code = share >= 1 ? ALL : share <= 0 ? NONE : some(share)
    for (const direction of ['ingress', 'egress']) {
      const filter = ['dev', 'near', direction, 'prio', '1', 'handle', '1', 'bpf', 'da', 'bytecode', code]
      execFileSync('nsenter', [...inside(this.router), 'tc', 'filter', 'replace', ...filter], {
        stdio: 'pipe',
      })
    }
  }

  async close(): Promise<void> {
    for (const browser of this.browsers) await browser.close()
    // The namespaces end with the processes in them.
    for (const holder of [...Object.values(this.places), this.router]) {
      holder.stdin?.end()
      await once(holder, 'exit')
    }
    await this.signaling.close()
    await new Promise((resolve) => this.http.close(resolve))
    rmSync(this.folder, { recursive: true, force: true })
  }

  private wire(): void {
    const [router, run] = [inside(this.router), this.run]
    for (const [name, address] of Object.entries(ADDRESSES)) {
      const place = this.places[name as Place]
      run(router, `ip link add ${name} type veth peer name eth0 netns ${place.pid}`)
      run(router, `ip address add ${address}.1/24 dev ${name} && ip link set ${name} up`)
      run(
        inside(place),
        `ip link set lo up && ip address add ${address}.2/24 dev eth0 && ip link set eth0 up`,
      )
      run(inside(place), `ip route add default via ${address}.1`)
    }
    run(router, 'echo 1 > /proc/sys/net/ipv4/ip_forward && tc qdisc add dev near clsact')
    this.lose(0)
  }

  private run(namespace: readonly string[], script: string): void {
    execFileSync('nsenter', [...namespace, 'sh', '-c', script], { stdio: 'pipe' })
  }
}

/** Why this machine cannot have such a network; undefined if it can. */
export function whyNoNetwork(): string | undefined {
  const filter = `tc filter add dev near egress bpf da bytecode '${some(0.5)}'`
  const script = `ip link add near type veth peer name far && tc qdisc add dev near clsact && ${filter} && unshare -n true`
  try {
    execFileSync('unshare', [...NAMESPACE, 'sh', '-c', script], { stdio: 'pipe' })
    return undefined
  } catch (error) {
    return `no network with a packet filter can be made here: ${error instanceof Error ? error.message.trim() : String(error)}`
  }
}

/**
 * Programs of the kernel's packet filter, as `tc` takes them. It may not have queues that lose packets (netem), which
 * are modules; this it has. 2 drops a packet, 0 lets it pass.
 */
const ALL = '1,6 0 0 2'
const NONE = '1,6 0 0 0'

/** Loads a random number of 32 bits, and drops the packet if it is small. */
function some(share: number): string {
  const limit = Math.round(share * 2 ** 32) - 1
  return `4,32 0 0 4294963256,37 1 0 ${limit},6 0 0 2,6 0 0 0`
}

function inside(holder: ChildProcess): string[] {
  return ['-t', String(holder.pid), ...ENTERED]
}

/** A process that holds its namespaces until its input ends, which it does with this process too. */
async function started(command: string, args: readonly string[]): Promise<ChildProcess> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  let problem = ''
  child.stderr.on('data', (text: Buffer) => (problem += text.toString()))
  await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(() => {
      throw new Error(`${command}: ${problem}`)
    }),
  ])
  return child
}
