import { expect, type Page } from 'playwright/test'

/** WCAG 2: text against the background that is really behind it has a contrast of at least 4.5 to 1. */
export async function expectReadable(page: Page, what: string): Promise<void> {
  const faint = await page.evaluate(() => {
    const pen = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
    /** Any CSS colour on a background, as numbers from 0 to 255. */
    const paint = (colours: string[]): number[] => {
      if (!pen) throw new Error('no canvas')
      for (const colour of colours) {
        pen.fillStyle = colour
        pen.fillRect(0, 0, 1, 1)
      }
      return [...pen.getImageData(0, 0, 1, 1).data]
    }
    const luminance = (colour: number[]): number => {
      const [red = 0, green = 0, blue = 0] = colour.map((value) =>
        value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
      )
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
    const found: string[] = []
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    while (texts.nextNode()) {
      const element = texts.currentNode.parentElement
      const text = texts.currentNode.textContent?.trim()
      if (!element || !text || !element.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
        continue
      if (element.closest('svg, script, noscript, :disabled, [aria-hidden]') || element.clientWidth === 1)
        continue
      const behind: string[] = []
      for (let up: Element | null = element; up; up = up.parentElement)
        behind.unshift(getComputedStyle(up).backgroundColor)
      const back = paint(['#fff', ...behind])
      const front = paint([`rgb(${back[0]} ${back[1]} ${back[2]})`, getComputedStyle(element).color])
      const [light = 0, dark = 0] = [luminance(front), luminance(back)].sort((one, other) => other - one)
      const contrast = (light + 0.05) / (dark + 0.05)
      if (contrast < 4.5) found.push(`${contrast.toFixed(2)} “${text.slice(0, 40)}”`)
    }
    return found
  })
  expect(faint, what).toEqual([])
}
