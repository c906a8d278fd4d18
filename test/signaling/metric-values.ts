import type { SignalingServer } from '../../signaling/index.ts'

/** What a monitor reads: the value of each line of the metrics, by its name and labels. */
export async function metricsOf(server: Pick<SignalingServer, 'metrics'>): Promise<Map<string, number>> {
  const lines = (await server.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(
    lines.map((line) => {
      const at = line.lastIndexOf(' ')
      return [line.slice(0, at), Number(line.slice(at + 1))]
    }),
  )
}

/** Those that count something, and only what has been counted. */
export async function countsOf(
  server: Pick<SignalingServer, 'metrics'>,
  name: string,
): Promise<Record<string, number>> {
  const found = [...(await metricsOf(server))].flatMap(([line, value]) => {
    const [, label = ''] = new RegExp(`^rtm_mesh_${name}_total\\{\\w+="([^"]+)"\\}$`).exec(line) ?? []
    return label === '' || value === 0 ? [] : [[label, value] as const]
  })
  return Object.fromEntries(found)
}
