import { StrictMode, useEffect, useRef, useState } from 'react'
import { createRoot } from 'react-dom/client'

import { useChannel } from './use-channel.ts'

const APP_ID = '0123456789abcdef0123456789abcdef'

function Room({ me }: { me: string }) {
  const { state, members, messages, error, send } = useChannel(APP_ID, me, 'lobby')
  const end = useRef<HTMLParagraphElement>(null)
  useEffect(() => {
    // Newer browsers return a promise, which React would take for what undoes the effect.
    end.current?.scrollIntoView()
  }, [messages])
  return (
    <>
      <header>
        <h1>Lobby</h1>
        <p role="status">{error ?? state.toLowerCase()}</p>
      </header>
      <section>
        <ul aria-label="Who is here">
          {members.map((name) => (
            <li key={name}>{name}</li>
          ))}
        </ul>
        <div role="log">
          {messages.map(({ id, from, text }) => (
            <p key={id} ref={end}>
              <b>{from}</b> {text}
            </p>
          ))}
        </div>
        <TextForm label="Message" button="Send" isOff={members.length === 0} onText={send} />
      </section>
    </>
  )
}

type TextFormProps = { label: string; button: string; isOff?: boolean; onText: (text: string) => void }

function TextForm({ label, button, isOff = false, onText }: TextFormProps) {
  function submit(data: FormData): void {
    const text = data.get('text')
    if (typeof text === 'string' && text.trim() !== '') onText(text.trim())
  }
  return (
    <form action={submit}>
      <input name="text" placeholder={label} aria-label={label} autoComplete="off" />
      <button disabled={isOff}>{button}</button>
    </form>
  )
}

function App() {
  const [me, setMe] = useState<string>()
  if (me !== undefined) return <Room me={me} />
  return (
    <>
      <header>
        <h1>Lobby</h1>
        <p role="status">Not logged in</p>
      </header>
      <TextForm label="Your name" button="Log in" onText={setMe} />
    </>
  )
}

const root = document.getElementById('root')
if (root)
  createRoot(root).render(
    <StrictMode>
      <App />
    </StrictMode>,
  )
