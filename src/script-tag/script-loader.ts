import type { Part } from './part.ts'
import type { FetchPart } from './parts.ts'

/** Loads scripts from beside a tag's own, with what a page's Content-Security-Policy may ask of them. */
export function scriptsBeside(tag: HTMLScriptElement | undefined): FetchPart {
  // By now, as a program may change its tags later.
  const { src = '', nonce = '', crossOrigin = null, referrerPolicy = '' } = tag ?? {}
  return (fileAndQuery) =>
    new Promise<Part | undefined>((resolve, reject) => {
      const script = document.createElement('script')
      script.nonce = nonce
      script.crossOrigin = crossOrigin
      script.referrerPolicy = referrerPolicy
      script.addEventListener('load', () => {
        script.remove()
        resolve(script.rtmMeshPart)
      })
      script.addEventListener('error', () => {
        script.remove()
        reject(new Error(whyNot(fileAndQuery)))
      })
      script.src = new URL(fileAndQuery, src || document.baseURI).href
      document.documentElement.append(script)
    })
}

/** Without its URL: what asks for a file again takes one in the words for that of an ES module (base/lazy-file.ts). */
function whyNot(fileAndQuery: string): string {
  const [file = ''] = fileAndQuery.split('?')
  return `${file} did not come; it must lie beside agora-rtm.global.js, and a Content-Security-Policy must allow both`
}
