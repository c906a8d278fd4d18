import type { Page } from 'playwright/test'

/** Of the certificate that this page uses for all its links; empty while it has none. */
function fingerprintOf(page: Page): Promise<string> {
  return page.evaluate(() => {
    const descriptions = window.openConnections().map(({ localDescription }) => localDescription?.sdp ?? '')
    const fingerprints = descriptions.map((sdp) => /^a=fingerprint:(.*)$/m.exec(sdp)?.[1])
    return fingerprints.find((fingerprint) => fingerprint !== undefined) ?? ''
  })
}

/** Closes this page's connection to the other behind the engine's back. False if there is none that is connected. */
export async function cutLink(page: Page, other: Page): Promise<boolean> {
  const fingerprint = await fingerprintOf(other)
  return page.evaluate((theirs) => {
    const connection = window
      .openConnections()
      .filter(({ connectionState }) => connectionState === 'connected')
      .find(({ remoteDescription }) => theirs !== '' && remoteDescription?.sdp.includes(theirs))
    connection?.close()
    return connection !== undefined
  }, fingerprint)
}
