import { describe, expect, it } from 'vitest'

import { NoServerNamed, serverUrlOf } from '../../src/rtm/page-servers.ts'

const FILE = 'file:///home/alice/chat.html'

describe('A page that names no signaling server to the library', () => {
  it('finds it at /rtm of its own origin', () => {
    expect(serverUrlOf(undefined, 'https://example.org/a/b.html?c#d')).toBe('wss://example.org/rtm')
    expect(serverUrlOf(undefined, 'http://localhost:5173/')).toBe('ws://localhost:5173/rtm')
  })

  it('finds it where its tag says: an address of any kind, or a path', () => {
    expect(serverUrlOf('wss://rtm.example.org/rtm', FILE)).toBe('wss://rtm.example.org/rtm')
    expect(serverUrlOf('https://rtm.example.org/x', FILE)).toBe('wss://rtm.example.org/x')
    expect(serverUrlOf('/other', 'https://example.org/chat/')).toBe('wss://example.org/other')
    expect(serverUrlOf('//rtm.example.org/rtm', 'http://example.org/')).toBe('ws://rtm.example.org/rtm')
  })

  it('has none if it is a file, or of no origin at all', () => {
    expect(() => serverUrlOf(undefined, FILE)).toThrow(NoServerNamed)
    expect(() => serverUrlOf(undefined, 'about:srcdoc')).toThrow('A page from about: has no signaling server')
    expect(() => serverUrlOf('/rtm', FILE)).toThrow('"/rtm" is no address')
  })

  it.each(['wss://', 'ftp://example.org/rtm', 'javascript:alert(1)'])(
    'is told that %s is none',
    (address) => {
      expect(() => serverUrlOf(address, 'https://example.org/')).toThrow(`"${address}" is no address`)
    },
  )
})
