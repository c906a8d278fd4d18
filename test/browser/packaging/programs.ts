import type { RtmClient } from '../../../src/web.ts'

/** Programs of pages: each says who it is by `?me=`, and where the server is by `?server=`, else it leaves that open. */

const APP_ID = '0123456789abcdef0123456789abcdef'

/** What a program hands to its test, when its user is logged in or was refused. */
export interface PackagedUser {
  /** 0, or why it is not logged in. */
  readonly code: number
  /** The sentence of the failure, where the program is given one. */
  readonly why?: string
  readonly heard: readonly string[]
  say(text: string, peer: string): Promise<number>
  /** Of a program with the names of `agora-rtm-sdk`. */
  readonly client?: RtmClient
}

declare global {
  interface Window {
    app?: Promise<PackagedUser>
  }
}

/** A program with the kit's names, after what gives it these names. */
export const kitProgram = (named: string): string => `
${named}

const query = new URLSearchParams(location.search)
const server = query.get('server')
const logIn = async () => {
  if (server) AgoraRtmKit.setRtmServiceContext({ signaling: [server], iceServers: [] })
  const heard = []
  const kit = AgoraRtmKit.initWithAppId('${APP_ID}', {
    messageReceived: (kit, message, peerId) => heard.push(peerId + ': ' + message.text),
  })
  const code = await kit.loginByToken(null, query.get('me'))
  return { code, heard, say: (text, peer) => kit.sendMessage(AgoraRtmMessage.initWithText(text), peer) }
}
window.app = logIn()
`

/** The same with the names of `agora-rtm-sdk`. */
export const webProgram = (named: string): string => `
${named}

const query = new URLSearchParams(location.search)
const server = query.get('server')
const logIn = async () => {
  const client = AgoraRTM.createInstance('${APP_ID}', server ? { signaling: [server], iceServers: [] } : {})
  const heard = []
  client.on('MessageFromPeer', (message, peerId) => heard.push(peerId + ': ' + message.text))
  const { code, message: why } = await client.login({ uid: query.get('me') }).then(() => ({ code: 0 }), (error) => error)
  const say = async (text, peer) => ((await client.sendMessageToPeer({ text }, peer)).hasPeerReceived ? 0 : 1)
  return { client, code, why, heard, say }
}
window.app = logIn()
`

export const importKit = (from: string): string => `import { AgoraRtmKit, AgoraRtmMessage } from '${from}'`

export const importWeb = (from: string): string => `import AgoraRTM from '${from}'`

export const moduleTag = (file: string): string => `<script type="module" src="${file}"></script>`

/** A page with these tags. */
export const html = (...tags: string[]): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" /><title>A bare page</title><link rel="icon" href="data:," />
    ${tags.join('\n    ')}
  </head>
  <body></body>
</html>
`
