import { beginLogin } from './rtm/browser-surroundings.ts'
import { setScriptTagServer } from './rtm/page-servers.ts'
import { ownTag } from './script-tag/own-tag.ts'
import AgoraRTM from './web.ts'

/** Says that a tag of this library was here, of whatever release: the first one of a page stays, others do nothing. */
const MARK = Symbol.for('rtm-mesh/script-tag')

if (!(MARK in globalThis)) {
  const tag = ownTag()
  setScriptTagServer(tag?.dataset['signaling'])
  Object.assign(globalThis, { [MARK]: true, AgoraRTM })
  // Only in a page: in Node there is nothing to load it with.
  if (tag) beginLogin()
}
