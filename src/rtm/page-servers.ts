/** Why a page that names no signaling server cannot log in: nothing says where one is. */
export class NoServerNamed extends Error {
  override readonly name = 'NoServerNamed'
}

let onScriptTag: string | undefined

/** What `data-signaling` of the library's own script tag says; comes before what the page says. */
export function setScriptTagServer(address: string | undefined): void {
  onScriptTag = address
}

/**
 * Where the signaling server is of a page whose program does not say so: `data-signaling` on the script tag of the
 * library, else `<meta name="rtm-signaling" content="…">`, else `/rtm` at the page's own origin.
 */
export function pageServerUrl(): string {
  const meta = document.querySelector<HTMLMetaElement>('meta[name="rtm-signaling"]')
  return serverUrlOf(onScriptTag ?? meta?.content, location.href)
}

/** The WebSocket URL of an address as pages write it: any URL, or a path at the page's own origin. */
export function serverUrlOf(named: string | undefined, pageUrl: string): string {
  const address = named ?? '/rtm'
  if (!URL.canParse(address, pageUrl)) throw new NoServerNamed(whyNone(named, pageUrl))
  const url = new URL(address, pageUrl)
  url.protocol = url.protocol.replace(/^http/, 'ws')
  if (!/^wss?:$/.test(url.protocol)) throw new NoServerNamed(whyNone(named, pageUrl))
  return url.href
}

function whyNone(named: string | undefined, pageUrl: string): string {
  return named === undefined
    ? `A page from ${pageUrl.split(':', 1)[0]}: has no signaling server at its own origin`
    : `"${named}" is no address of a signaling server for a page from ${pageUrl.split(':', 1)[0]}:`
}
