import { StrictMode, type SubmitEvent, useEffect, useRef, useState } from 'react'
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

interface TextFormProps {
  label: string
  button: string
  isOff?: boolean
  onText: (text: string) => void
}

function TextForm({ label, button, isOff = false, onText }: TextFormProps) {
  const [text, setText] = useState('')
  const submit = (event: SubmitEvent<HTMLFormElement>) => {
    event.preventDefault()
    if (text.trim() !== '') onText(text.trim())
    setText('')
  }
  return (
    <form onSubmit={submit}>
      <input
        placeholder={label}
        aria-label={label}
        autoComplete="off"
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
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
