/**
 * The script tag that this library came with, while it runs for the first time. A tag of `type="module"` is not told
 * by browsers and is looked for by the names of the file; undefined where there is neither, or no page.
 */
export function ownTag(): HTMLScriptElement | undefined {
  if (typeof document === 'undefined') return undefined
  const { currentScript } = document
  if (currentScript instanceof HTMLScriptElement) return currentScript
  const named = 'script[src*="agora-rtm.global.js"], script[src*="agora-rtm.full.js"]'
  return document.querySelector<HTMLScriptElement>(named) ?? undefined
}
