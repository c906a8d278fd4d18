/**
 * A small live drawing: everybody in the channel on a circle, I at the top, and my links as lines. The links that the others
 * have among themselves cannot be seen from here; they are hinted at. A spark runs along a line when a message passes.
 */
import { hueOf, initialsOf } from './avatar.ts'
import { find, keep, makeSvg, perFrame } from './dom.ts'
import { linkSentence, lookOf } from './links.ts'
import type { LinkLook } from './links.ts'
import { isServer } from './model.ts'
import type { ChatModel, Server } from './model.ts'

const CENTRE = { x: 150, y: 130 }
const RADIUS = 88
/** Where no names need room. */
const CROWDED_RADIUS = 108
/** With more people there is no room for names. */
const MOST_NAMES = 9
/** With more, the drawing would be a tangle. */
const MOST_ASSUMED_LINES = 45
const LONGEST_LABEL = 12
const LABEL_SHIFT = 22
const SPARK_MS = 700
const APPEAR_MS = 350
/** While nobody else is there, as many places are shown empty. */
const GHOSTS = 3

interface Spot {
  readonly userId: string
  readonly isMe: boolean
  readonly x: number
  readonly y: number
}
interface Line {
  readonly key: string
  readonly look: LinkLook | 'assumed'
  readonly from: Spot
  readonly to: Spot
}

export function meshView(model: ChatModel, open: (userId: string) => void): void {
  const drawing = find('#mesh', SVGSVGElement)
  const detail = find('#mesh-detail', HTMLElement)
  const [lines, sparks, nodes, ghosts] = [makeSvg('g'), makeSvg('g'), makeSvg('g'), drawGhosts()]
  drawing.append(ghosts, lines, sparks, nodes)
  const write = find('#mesh-write', HTMLButtonElement)
  const canHover = matchMedia('(hover: hover)')
  const calm = matchMedia('(prefers-reduced-motion: reduce)')
  let spots = new Map<string, Spot>()
  /** Whom the pointer, a finger or the keyboard is at. */
  let regarded: string | undefined
  /** The one node that the Tab key stops at; arrow keys move on. */
  let stop: string | undefined

  function show(): void {
    const users = [model.me, ...model.people]
    spots = new Map(users.map((userId, index) => [userId, spotOf(userId, index, users.length)]))
    if (stop === undefined || !spots.has(stop) || stop === model.me) stop = users[1] ?? model.me
    keep(lines, linesOf([...spots.values()]), ({ key }) => key, createLine, updateLine)
    keep(nodes, spots.values(), ({ userId }) => userId, createNode, updateNode)
    find('#mesh-summary', HTMLElement).textContent = summary()
    ghosts.toggleAttribute('hidden', model.people.size > 0)
    showDetail()
    find('#mesh-server', HTMLElement).textContent = model.servers.map(placeSentence).join(' ')
  }

  function summary(): string {
    if (model.people.size === 0) return 'Nobody to link to yet.'
    const linked = [...model.people].filter((userId) => lookOf(model.links.get(userId)) === 'direct').length
    const people = model.people.size
    if ([...model.people].every((userId) => model.links.get(userId)?.path === 'tab'))
      return 'You are linked within this browser.'
    if (linked === people)
      return linked === 1 ? 'You have a direct link.' : `You have ${linked} direct links, one to each.`
    return `You are linked directly to ${linked} of ${people}.`
  }

  function showDetail(): void {
    if (regarded === undefined || !spots.has(regarded)) detail.textContent = hint()
    else if (regarded === model.me) detail.textContent = `${model.me}: this is you.`
    else detail.textContent = linkSentence(regarded, model.links.get(regarded))
    const isSomebody = regarded !== undefined && regarded !== model.me && model.people.has(regarded)
    write.hidden = canHover.matches || !isSomebody
    if (!write.hidden) write.textContent = `Write privately to ${regarded}`
  }
  const hint = (): string => {
    if (model.people.size === 0) return ''
    return `${canHover.matches ? 'Point at' : 'Tap on'} somebody to see how you are linked.`
  }

  function linesOf(all: readonly Spot[]): Line[] {
    const [me, ...others] = all
    if (!me) return []
    const assumed: Line[] = others.flatMap((from, index) =>
      others
        .slice(index + 1)
        .map((to) => ({ key: `${from.userId}/${to.userId}`, look: 'assumed' as const, from, to })),
    )
    const own = others.map((to) => ({
      key: `/${to.userId}`,
      look: lookOf(model.links.get(to.userId)),
      from: me,
      to,
    }))
    return [...(assumed.length > MOST_ASSUMED_LINES ? [] : assumed), ...own]
  }

  function createNode({ userId, isMe }: Spot): SVGElement {
    const node = makeSvg(
      'g',
      { class: isMe ? 'node me' : 'node', role: isMe ? 'img' : 'button' },
      makeSvg('circle', { class: 'halo' }),
      makeSvg('circle', { class: 'disc' }),
      makeSvg('text', { class: 'initials', dy: '0.36em' }, initialsOf(userId)),
      makeSvg('text', { class: 'label' }),
    )
    node.style.setProperty('--hue', `${hueOf(userId)}`)
    if (!calm.matches) node.animate({ opacity: [0, 1] }, APPEAR_MS)
    const regard = (): void => {
      regarded = userId
      showDetail()
    }
    const disregard = (): void => {
      regarded = undefined
      showDetail()
    }
    node.addEventListener('pointerenter', regard)
    node.addEventListener('pointerleave', () => canHover.matches && disregard())
    node.addEventListener('focus', regard)
    node.addEventListener('blur', () => canHover.matches && disregard())
    // A finger cannot hover: its tap shows, and the button that appears opens.
    node.addEventListener('click', () => (canHover.matches && !isMe ? open(userId) : regard()))
    node.addEventListener('keydown', (event) => onKey(event, userId, isMe))
    return node
  }

  function onKey(event: KeyboardEvent, userId: string, isMe: boolean): void {
    if ((event.key === 'Enter' || event.key === ' ') && !isMe) {
      event.preventDefault()
      return open(userId)
    }
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key]
    if (step === undefined) return
    event.preventDefault()
    const users = [...spots.keys()]
    stop = users[(users.indexOf(userId) + step + users.length) % users.length]
    for (const spot of spots.values()) {
      const node = nodes.querySelector<SVGElement>(`[data-key="${CSS.escape(spot.userId)}"]`)
      node?.setAttribute('tabindex', spot.userId === stop ? '0' : '-1')
      if (spot.userId === stop) node?.focus()
    }
  }

  function updateNode(node: Element, { userId, isMe, x, y }: Spot): void {
    const isCrowded = spots.size > MOST_NAMES
    const radius = (isMe ? 19 : 16) * (isCrowded ? 0.75 : 1)
    const isLow = y > CENTRE.y - 10
    node.setAttribute('transform', `translate(${x} ${y})`)
    node.setAttribute('tabindex', userId === stop ? '0' : '-1')
    node.setAttribute(
      'aria-label',
      isMe ? `${userId}: this is you` : `${linkSentence(userId, model.links.get(userId))} Write privately.`,
    )
    node.querySelector('.disc')?.setAttribute('r', `${radius}`)
    node.querySelector('.halo')?.setAttribute('r', `${radius + 4}`)
    const label = node.querySelector('.label')
    if (!label) return
    label.textContent = isCrowded ? '' : isMe ? 'You' : shorten(userId)
    // Names in the upper half move outwards, off the lines that come down from me.
    label.setAttribute('x', `${isLow || isMe ? 0 : Math.sign(x - CENTRE.x) * LABEL_SHIFT}`)
    label.setAttribute('y', `${isLow ? radius + 16 : -radius - 8}`)
  }

  model.on('passed', (direction, userId) => {
    const me = spots.get(model.me)
    const other = spots.get(userId)
    if (!me || !other || calm.matches || document.visibilityState === 'hidden') return
    const [from, to] = direction === 'in' ? [other, me] : [me, other]
    const spark = makeSvg('circle', { class: 'spark', r: '4' })
    sparks.append(spark)
    const at = ({ x, y }: Spot): Keyframe => ({ transform: `translate(${x}px, ${y}px)` })
    const run = spark.animate([at(from), at(to)], { duration: SPARK_MS, easing: 'ease-in-out' })
    const end = (): void => spark.remove()
    run.finished.then(end, end)
  })
  write.addEventListener('click', () => {
    if (regarded !== undefined) open(regarded)
  })
  const showSoon = perFrame(show)
  for (const event of ['people', 'links'] as const) model.on(event, showSoon)
  show()
}

/** Where others will be, so that the drawing says what it is for. */
function drawGhosts(): SVGGElement {
  const spots = Array.from({ length: GHOSTS + 1 }, (_, index) => spotOf('', index, GHOSTS + 1))
  const group = makeSvg('g', { class: 'ghost' })
  for (const [index, one] of spots.entries()) {
    for (const other of spots.slice(index + 1)) {
      group.append(makeSvg('path', { d: `M${one.x} ${one.y}L${other.x} ${other.y}` }))
    }
  }
  for (const { isMe, x, y } of spots) {
    if (!isMe) group.append(makeSvg('circle', { class: 'empty-place', cx: `${x}`, cy: `${y}`, r: '15' }))
  }
  return group
}

function createLine({ key }: Line): SVGElement {
  return makeSvg('path', { 'data-key': key })
}

function updateLine(path: Element, { look, from, to }: Line): void {
  path.setAttribute('class', `link ${look}`)
  path.setAttribute('d', `M${from.x} ${from.y}L${to.x} ${to.y}`)
}

function spotOf(userId: string, index: number, count: number): Spot {
  const angle = (index / count) * 2 * Math.PI - Math.PI / 2
  const radius = count > MOST_NAMES ? CROWDED_RADIUS : RADIUS
  const round = (value: number): number => Math.round(value * 10) / 10
  return {
    userId,
    isMe: index === 0,
    x: round(CENTRE.x + radius * Math.cos(angle)),
    y: round(CENTRE.y + radius * Math.sin(angle)),
  }
}

/** A place where others are met: a server by its address, the other tabs and the neighbours in words. */
function placeSentence({ url, state }: Server): string {
  if (isServer(url)) return `Server ${new URL(url).host}: ${state}.`
  return url.startsWith('tabs') ? `Other ${url}: ${state}.` : `${url[0]?.toUpperCase()}${url.slice(1)}.`
}

const shorten = (userId: string): string =>
  userId.length <= LONGEST_LABEL ? userId : `${userId.slice(0, LONGEST_LABEL - 1)}…`
