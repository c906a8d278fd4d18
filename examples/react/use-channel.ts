import { useCallback, useEffect, useRef, useState } from 'react'
import AgoraRTM, { type RtmChannel } from 'rtm-mesh/web'

export interface ChannelMessage {
  readonly id: number
  readonly from: string
  readonly text: string
}

export interface Channel {
  readonly state: string
  readonly members: readonly string[]
  readonly messages: readonly ChannelMessage[]
  /** Why it does not work, in words. */
  readonly error: string | undefined
  send(text: string): void
}

/**
 * A user in a channel for as long as the component is mounted. Strict mode mounts it twice: each time has a client of
 * its own, and the first is gone before the second logs in.
 */
export function useChannel(appId: string, uid: string, channelId: string): Channel {
  const [state, setState] = useState('DISCONNECTED')
  const [members, setMembers] = useState<readonly string[]>([])
  const [messages, setMessages] = useState<readonly ChannelMessage[]>([])
  const [error, setError] = useState<string>()
  const joined = useRef<RtmChannel>(undefined)
  const messageCount = useRef(0)

  const add = useCallback((from: string, text: string) => {
    const id = ++messageCount.current
    setMessages((before) => [...before.slice(-199), { id, from, text }])
  }, [])

  useEffect(() => {
    let isOver = false
    const client = AgoraRTM.createInstance(appId)
    const channel = client.createChannel(channelId)
    const has = (name: string) => setMembers((before) => [...new Set([...before, name])].sort())
    client.on('ConnectionStateChanged', (next) => isOver || setState(next))
    channel.on('ChannelMessage', ({ text }, from) => isOver || add(from, text ?? ''))
    channel.on('MemberJoined', (name) => isOver || has(name))
    channel.on(
      'MemberLeft',
      (name) => isOver || setMembers((before) => before.filter((each) => each !== name)),
    )

    async function enter(): Promise<void> {
      await client.login({ uid })
      await channel.join()
      const names = await channel.getMembers()
      if (isOver) return
      names.forEach(has)
      joined.current = channel
    }
    enter().catch((reason: unknown) => {
      // One that was unmounted on its way has nobody to tell.
      if (!isOver) setError(reason instanceof Error ? reason.message : String(reason))
    })
    return () => {
      isOver = true
      joined.current = undefined
      setMembers([])
      client.destroy() // leaves, logs out, and frees all
    }
  }, [appId, uid, channelId, add])

  const send = useCallback(
    (text: string) => {
      add(uid, text)
      joined.current?.sendMessage({ text }).catch((reason: Error) => setError(reason.message))
    },
    [uid, add],
  )
  return { state, members, messages, error, send }
}
