/** Saves what the library has logged in this browser as a file, for whoever is asked what went wrong. */
import { toast } from './toast.ts'

/** A browser may not have read a file's address yet when the click that saves it is over. */
const ADDRESS_LIVES_MS = 60_000

export function offerLog(readLog: () => Promise<string>): void {
  for (const button of document.querySelectorAll('[data-action="download-log"]')) {
    button.addEventListener('click', () => void download(readLog))
  }
}

async function download(readLog: () => Promise<string>): Promise<void> {
  const text = await readLog()
  if (text === '') return toast('There is no log in this browser.')
  const link = document.createElement('a')
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
  link.download = `rtm-mesh-log-${new Date().toISOString().slice(0, 19).replaceAll(':', '')}.txt`
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), ADDRESS_LIVES_MS)
}
