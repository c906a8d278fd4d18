import { useCallback, useEffect, useRef, useState } from 'react'
import AgoraRTM, { type RtmChannel } from 'rtm-mesh/web'

/**
 * A user in a channel for as long as the component is mounted. Strict mode mounts it twice: each time has a client of
 * its own, and the first is gone before the second logs in.
 */
export function useChannel(appId: string, uid: string, channelId: string) {
  const [state, setState] = useState('DISCONNECTED')
  const [members, setMembers] = useState<readonly string[]>([])
  const [messages, setMessages] = useState<readonly { id: number; from: string; text: string }[]>([])
  /** Why it does not work, in words. */
  const [error, setError] = useState<string>()
  const joined = useRef<RtmChannel>(undefined)

  const add = useCallback((from: string, text: string) => {
    setMessages((before) => [...before.slice(-199), { id: (before.at(-1)?.id ?? 0) + 1, from, text }])
  }, [])

  useEffect(() => {
    const client = AgoraRTM.createInstance(appId)
    const channel = client.createChannel(channelId)
    const has = (name: string) => setMembers((before) => [...new Set([...before, name])].sort())
    const hasNot = (name: string) => setMembers((before) => before.filter((each) => each !== name))
    client.on('ConnectionStateChanged', setState)
    channel.on('ChannelMessage', ({ text }, from) => add(from, text ?? ''))
    channel.on('MemberJoined', has)
    channel.on('MemberLeft', hasNot)

    async function enter(): Promise<void> {
      await client.login({ uid })
      await channel.join()
      for (const name of await channel.getMembers()) has(name)
      joined.current = channel
    }
    let isOver = false
    // One that was unmounted on its way has nobody to tell.
    enter().catch((reason: Error) => isOver || setError(reason.message))
    return () => {
      isOver = true
      joined.current = undefined
      setMembers([])
      client.removeAllListeners()
      client.destroy() // leaves, logs out, and frees all
    }
  }, [appId, uid, channelId, add])

  const send = (text: string) => {
    add(uid, text)
    joined.current?.sendMessage({ text }).catch((reason: Error) => setError(reason.message))
  }
  return { state, members, messages, error, send }
}
