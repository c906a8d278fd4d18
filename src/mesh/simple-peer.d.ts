/** The browser build of simple-peer: the same module as its main entry, and the only file of it that loads under Vite. */
declare module 'simple-peer/simplepeer.min.js' {
  import SimplePeer = require('simple-peer')

  export = SimplePeer
}
